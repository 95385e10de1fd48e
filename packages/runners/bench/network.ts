import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRestorer, type Loss, type Network, type Optimizer, type Restorer } from '@dualprior/blocks';
import {
  catalogue,
  ConfigError,
  Container,
  didYouMean,
  loadExperiment,
  UserError,
  type ComponentSpec,
} from '@dualprior/core';

/** The optimizer of every bench, as NAFNet's official settings clip. Its other options are the defaults. */
const OPTIMIZER = { type: 'adamw', clipNorm: 0.01 };

/** What a bench times, with the loss and the optimizer of its training step. */
export interface Benched {
  readonly spec: ComponentSpec;
  readonly module: Restorer;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly optimizerSpec: ComponentSpec;
}

/**
 * Makes a restorer as an experiment would, with all defaults filled in.
 * @param sets `option=value`, as an experiment's `--set networks.NAME.option=value`
 * Errors: `UserError` for a name or an option that is none, and for a network that is no restorer.
 */
export function createBenched(network: { readonly type: string }, sets: readonly string[] = []): Benched {
  checkType(network.type);
  const experiment = load(network, sets);
  const container = new Container(experiment);
  const spec = experiment.entry('networks', 'network');
  const stage = experiment.entry('stages', 'stage') as ComponentSpec & Record<'loss' | 'optimizer', ComponentSpec>;
  const module = container.create<Network>('network', spec);
  if (!isRestorer(module)) {
    throw new UserError(`"${network.type}" does not restore images; a bench is of a network that does.`);
  }
  const loss = container.create<Loss>('loss', stage.loss);
  const optimizer = container.create<Optimizer>('optimizer', stage.optimizer);
  return { spec, module, loss, optimizer, optimizerSpec: stage.optimizer };
}

/** All networks that restore images and need no option, by type name. */
export function restorerTypes(): string[] {
  return types().filter((type) => {
    try {
      return Boolean(createBenched({ type }));
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  });
}

function types(): string[] {
  return catalogue.components('network').map(({ declaration }) => declaration.type);
}

function checkType(type: string): void {
  const known = types();
  if (known.includes(type)) return;
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
