import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Loss, Network, Optimizer } from '@dualprior/blocks';
import {
  spelled,
  catalogue,
  ConfigError,
  Container,
  didYouMean,
  loadExperiment,
  UserError,
  type ComponentSpec,
  type SpecWithOptions,
  withOptions,
} from '@dualprior/core';

/** The optimizer of every bench, as NAFNet's official settings clip. Its other options are the defaults. */
const OPTIMIZER = { type: 'adamw', clipNorm: 0.01 };

/** What a bench times, with the loss and the optimizer of its training step. */
export interface Benched {
  readonly spec: SpecWithOptions;
  readonly module: Network;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly optimizerSpec: ComponentSpec;
}

/**
 * Makes a network as an experiment would, with all defaults filled in.
 * @param sets `option=value`, as an experiment's `--set networks.NAME.option=value`
 * Errors: `UserError` for a name or an option that is none, and for an option that is missing.
 */
export function createBenched(network: SpecWithOptions, sets: readonly string[] = []): Benched {
  const missing = missingOptions(network, sets);
  if (missing.length > 0) throw new UserError(missingText(network.type, missing));
  const experiment = load(network, sets);
  const container = new Container(experiment);
  const spec = withOptions(experiment.entry('networks', 'network'));
  const stage = experiment.entry('stages', 'stage') as ComponentSpec & Record<'loss' | 'optimizer', ComponentSpec>;
  const module = container.create<Network>('network', spec);
  const loss = container.create<Loss>('loss', stage.loss);
  const optimizer = container.create<Optimizer>('optimizer', stage.optimizer);
  return { spec, module, loss, optimizer, optimizerSpec: stage.optimizer };
}

/** Whether the network is made for images of one size, which is its option `size`. Errors: `UserError` for a name that is none. */
export function isMadeForOneSize(type: string): boolean {
  return 'size' in declared(type).options.properties;
}

/** The options that the network needs and that are not given, with what they are. Errors: as above. */
export function missingOptions(network: SpecWithOptions, sets: readonly string[]): { name: string; meaning: string }[] {
  const { required = [], properties } = declared(network.type).options;
  return required
    .filter((name) => !('default' in properties[name]!) && !(name in network) && !isSet(name, sets))
    .map((name) => ({ name, meaning: properties[name]!.description ?? '' }));
}

/** Whether one of `option=value` is of this option. */
export function isSet(name: string, sets: readonly string[]): boolean {
  return sets.some((set) => set.split('=')[0]!.trim() === name);
}

export function missingText(type: string, missing: readonly { name: string; meaning: string }[]): string {
  const lines = missing.map(({ name, meaning }) => `  --set ${name}=VALUE   ${meaning}`);
  const options = `option${missing.length > 1 ? 's' : ''} ${missing.map(({ name }) => `"${name}"`).join(', ')}`;
  return (
    `The network "${type}" cannot be benched without its ${options}. Give with --network ${type}:\n` +
    `${lines.join('\n')}\n  \`${spelled('components network')}\` lists what is allowed.`
  );
}

/** All networks, by type name. */
export function networkTypes(): string[] {
  return catalogue.components('network').map(({ declaration }) => declaration.type);
}

function declared(type: string) {
  const found = catalogue.components('network').find(({ declaration }) => declaration.type === type);
  if (found) return found.declaration;
  const known = networkTypes();
  const hint = didYouMean(type, known);
  throw new UserError(`There is no network "${type}"${hint ? `; ${hint}` : '.'} Networks: ${known.join(', ')}.`);
}

function load(network: object, sets: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-bench-'));
  try {
    const experiment = {
      degradations: { blur: { type: 'motion-blur', kernels: { type: 'camera-shake', count: 1 } } },
      data: { images: { type: 'avatars', size: 16, limit: 1, degradation: 'blur' } },
      networks: { network },
      stages: {
        stage: { type: 'regression', network: 'network', data: 'images', iterations: 1, optimizer: OPTIMIZER },
      },
    };
    writeFileSync(join(folder, 'bench.yaml'), JSON.stringify(experiment));
    const set = sets.map((one) => `networks.network.${one}`);
    return loadExperiment('bench.yaml', { cwd: folder, env: {}, set });
  } catch (error) {
    if (error instanceof ConfigError) throw new UserError(error.message.replaceAll('networks.network.', ''));
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
