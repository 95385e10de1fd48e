import type { Sampler } from '@dualprior/blocks';
import { Kind, type Journal } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import type { Console } from '../console/console.ts';
import type { Runtime } from './runtime.ts';
import type { StageFacts } from './stage-facts.ts';
import type { UnreadableImages } from '../inference/unreadable-images.ts';

/** What a stage is given to work with. */
export interface StageContext {
  /** Name of the stage in the experiment, for display. */
  readonly name: string;
  /** Its folder in the store: `best.safetensors`, `last.safetensors`, `state/`, `journal.jsonl`. */
  readonly folder: string;
  /** The seed of the experiment. */
  readonly seed: number;
  /** How the experiment wants steps to run. */
  readonly runtime: Runtime;
  /** Opens the stage's own journal, cut back to a position that a checkpoint remembers (0: from the beginning). */
  openJournal(position: number): Journal;
  /** Makes the samples of data sets. */
  readonly sampler: Sampler;
  /** The images that it goes without. */
  readonly unreadable: UnreadableImages;
  readonly console: Console;
  /** Aborted when the user interrupts: the stage saves its state and throws `Interrupted`. */
  readonly signal: AbortSignal;
  /** What the files of its networks say beside the tensors: architectures, options, experiment. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Called with the number of finished iterations, before the first one of this session and after each: a rehearsal times them. */
  iterated?(done: number): void;
}

/** How a training went. */
export interface Trained {
  /** Seconds spent, over all sessions. */
  readonly seconds: number;
  /** The best checkpoint, where one is better than another. */
  readonly best: BestCheckpoint | undefined;
}

export interface BestCheckpoint {
  readonly iteration: number;
  /** By what it is the best, for display: `validation PSNR 28.40 dB`. */
  readonly by: string;
}

/** One training loop. */
export interface Stage {
  /** The networks that the stage trains, by role (the name of the option that refers to them). */
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  /** Iterations in all, for plans and progress. */
  readonly iterations: number;
  /** Which of its files others get when they name a network of this stage. */
  readonly result: 'best' | 'last';
  /** What of its options a training of its length will not do as they suggest (milestones beyond the end); a clause each, for display. */
  warnings(): string[];
  /** Makes its data ready and checks that it fits, before any stage is trained. Errors: it does not fit. */
  prepare(): Promise<void>;
  /** Trains to the end, or continues from the state in `context.folder`. */
  train(context: StageContext): Promise<Trained>;
}

/** Every stage takes `seed` beside its own options: who runs it sees to that. */
export const stages = new Kind<Stage, StageFacts>('stage', {
  common: {
    seed: Type.Optional(
      Type.Integer({ minimum: 0, description: 'replaces the seed of the experiment', 'x-identity': false }),
    ),
  },
});
