import { Type, type Static } from '@sinclair/typebox';
import {
  addressOption,
  CREDENTIALS,
  trackers,
  WORDS,
  type Credentials,
  type Delivery,
  type JournalSource,
  type TrackedRun,
  type Tracker,
  type TrackerAddress,
  type TrackerConsole,
} from '@dualprior/core';
import { parseAddress, URI_PATTERN } from './address.ts';
import { BackgroundDelivery } from './background-delivery.ts';
import { DeliveryState } from './delivery-state.ts';
import { ensureLocalServer } from './local-server.ts';
import { serverFinder, serverOfEnvironment, type ServerFinder } from './resolve-server.ts';
import { readSweepFile } from '../store/sweep-files.ts';

const Options = Type.Object({
  uri: Type.Optional(
    addressOption({
      description:
        'address of the server, http(s)://HOST:PORT; without it MLFLOW_TRACKING_URI, else the local server of yarn mlflow if it runs',
      pattern: URI_PATTERN,
      [WORDS]:
        'http://HOST:PORT or https://HOST[:PORT], with a path if the server has one (yarn mlflow runs a local server)',
    }),
  ),
  experiment: Type.Optional(
    Type.String({
      description: 'experiment on the server (default: the name of the experiment)',
      minLength: 1,
      maxLength: 500,
    }),
  ),
  models: Type.Union([Type.Literal('files'), Type.Literal('reference'), Type.Literal('none')], {
    description:
      'how trained networks are logged: as models with the path of their file (reference), as models with the file itself (files), or not at all (none)',
    default: 'reference',
  }),
  systemMetrics: Type.Boolean({
    description: 'log the use of processors, memory, disk, network and NVIDIA GPUs every ten seconds',
    default: true,
  }),
});

/**
 * Logs to an MLflow server: a parent run for the experiment, a child run for each stage and method. It is fed from the
 * journals in the background; what cannot be delivered is delivered later by `yarn mlflow push RUN`.
 */
@trackers.component({
  type: 'mlflow',
  description: 'an MLflow tracking server',
  options: Options,
  inject: [CREDENTIALS],
})
export class MlflowTracker implements Tracker {
  readonly name = 'MLflow';
  readonly #findServer: ServerFinder;
  #delivery: BackgroundDelivery | undefined;

  /** Errors: `UserError` for an address that is none. */
  constructor(
    private readonly options: Static<typeof Options>,
    credentials: Credentials,
  ) {
    const { uri } = options;
    const own = uri === undefined ? undefined : { ...parseAddress(uri, 'tracking.uri'), login: credentials.of(uri) };
    this.#findServer = serverFinder(own, serverOfEnvironment());
  }

  get systemMetrics(): boolean {
    return this.options.systemMetrics;
  }

  get address(): TrackerAddress | null {
    const address = this.#delivery?.address;
    if (!address) return null;
    const { uri, page, ...ids } = address;
    return { uri, page, ids };
  }

  async serve(console: TrackerConsole): Promise<void> {
    await ensureLocalServer({ log: (line) => console.info(line) });
  }

  async start(run: TrackedRun, console: TrackerConsole): Promise<void> {
    this.#delivery = new BackgroundDelivery({
      directory: run.directory,
      experiment: this.options.experiment ?? (process.env['MLFLOW_EXPERIMENT_NAME'] || (run.sweep?.name ?? run.name)),
      run: run.name,
      models: this.options.models,
      systemMetrics: this.options.systemMetrics,
      sweep: run.sweep && DeliveryState.idOf(run.sweep.directory),
      isSweep: readSweepFile(run.directory) !== undefined,
      findServer: this.#findServer,
      console,
    });
    await this.#delivery.start();
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
