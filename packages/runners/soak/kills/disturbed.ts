import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadExperiment, type Experiment, type Stream } from '@dualprior/core';
import type { SoakFailure } from '../soak.ts';
import { runDirectory, type Command } from './command.ts';
import { computed, differences } from './computed.ts';
import { killedAt, RunError, wholeRun } from './interrupted-run.ts';
import { stagesInOrder } from '../../experiment/plan.ts';
import { momentsOf, type Moment } from './moments.ts';

interface Round {
  /** Types of the stages in which it was killed. */
  readonly killed: readonly string[];
  readonly failure?: SoakFailure;
}

/** An experiment whose runs are killed and compared with an undisturbed one. */
export class Disturbed {
  readonly #experiment: Experiment;
  readonly #settings: readonly string[];
  #undisturbed: Promise<ReadonlyMap<string, string>> | undefined;

  /**
   * @param folder for the runs
   * @param settings values of `--set`
   * @param each kills of a run in each of its stages
   */
  constructor(
    private readonly file: string,
    private readonly folder: string,
    settings: readonly string[],
    private readonly each: number,
  ) {
    const { config } = loadExperiment(file, { set: settings });
    const often = Object.keys(config.stages).flatMap((name) => [
      `stages.${name}.logEvery=1`, // moments are seen in the journals
      `stages.${name}.saveEvery=1`,
    ]);
    this.#settings = [...settings, ...often];
    this.#experiment = loadExperiment(file, { set: this.#settings });
  }

  moments(stream: Stream): Moment[] {
    return momentsOf(this.#experiment, this.each, stream);
  }

  /** Starts a run again after each kill, and then to its end. What it leaves stays if that is not what the undisturbed run left. */
  async round(number: number, moments: readonly Moment[], signal: AbortSignal): Promise<Round> {
    const command = this.#command(`${this.#experiment.name}-${number}`);
    const order = stagesInOrder(this.#experiment);
    this.#undisturbed ??= this.#whole(signal);
    this.#undisturbed.catch(() => {}); // awaited below
    const killed: string[] = [];
    const failed = (message: string): Round => {
      const log = { file: this.file, settings: command.settings, moments };
      writeFileSync(join(command.folder, 'kills.json'), `${JSON.stringify(log, null, 2)}\n`);
      return { killed, failure: { message: `${this.#experiment.name}: ${message}`, reproduction: command.folder } };
    };
    try {
      for (const moment of moments) if (await killedAt(moment, command, order, signal)) killed.push(moment.type);
      await wholeRun(command, signal);
    } catch (error) {
      if (error instanceof RunError) return failed(error.message);
      throw error;
    }
    const different = differences(computed(runDirectory(command)), await this.#undisturbed);
    if (different.length > 0)
      return failed(`${different.join(', ')} differ from those of ${this.#command('whole').folder}`);
    rmSync(command.folder, { recursive: true });
    return { killed };
  }

  /** Ends what the rounds share. */
  async end(hasFailed: boolean): Promise<void> {
    await this.#undisturbed?.catch(() => {});
    if (!hasFailed) rmSync(this.#command('whole').folder, { recursive: true, force: true });
  }

  async #whole(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const command = this.#command('whole');
    await wholeRun(command, signal);
    return computed(runDirectory(command));
  }

  #command(name: string): Command {
    const folder = join(this.folder, name === 'whole' ? `${this.#experiment.name}-whole` : name);
    return { file: this.file, folder, settings: this.#settings };
  }
}
