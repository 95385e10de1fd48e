import { basename, join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import {
  pathOption,
  quoted,
  trackers,
  type Delivery,
  type JournalSource,
  type TrackedRun,
  type Tracker,
  type TrackerAddress,
  type TrackerConsole,
} from '@dualprior/core';
import { BackgroundDelivery } from './background-delivery.ts';

const Options = Type.Object({
  folder: Type.Optional(
    pathOption({
      description:
        'folder of event files, with a subfolder named like the run directory for each run; default: the folder tensorboard of the run directory',
    }),
  ),
});

/** Writes event files, which TensorBoard shows: curves, images, hyperparameters and the table. They need no server and no Python to be written. */
@trackers.component({ type: 'tensorboard', description: 'event files for TensorBoard', options: Options })
export class TensorboardTracker implements Tracker {
  readonly name = 'TensorBoard';
  #delivery: BackgroundDelivery | undefined;
  #address: TrackerAddress | null = null;

  constructor(private readonly options: Static<typeof Options>) {}

  get address(): TrackerAddress | null {
    return this.#address;
  }

  async start({ directory }: TrackedRun, console: TrackerConsole): Promise<void> {
    const { folder: shared } = this.options;
    const folder = shared === undefined ? join(directory, 'tensorboard') : join(shared, basename(directory));
    this.#delivery = new BackgroundDelivery({ directory, folder, console });
    this.#address = { uri: folder, page: `tensorboard --logdir ${quoted(shared ?? folder)}`, ids: {} };
    await this.#delivery.started;
  }

  follow(source: JournalSource): void {
    this.#started.follow(source);
  }

  finish(timeoutSeconds: number): Promise<Delivery> {
    return this.#started.finish(timeoutSeconds);
  }

  get #started(): BackgroundDelivery {
    if (!this.#delivery) throw new Error('The tracker was not started.');
    return this.#delivery;
  }
}
