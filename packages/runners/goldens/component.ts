import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Container, loadExperiment, writeSafetensors, type StateDict } from '@dualprior/core';
import type { Loss, Metric } from '@dualprior/blocks';
import '../catalogue.ts';

/** A loss or metric as the file of an experiment has it: `{type: ..., ...}`. What it leaves out takes its default. */
type Spec = Readonly<Record<string, unknown>>;

interface Prepared {
  prepare?(): Promise<void>;
  dispose?(): void;
}

/** Weights files for the components of one case, below a temporary folder. */
export interface Files {
  readonly folder: string;
  /** Path of a new file with these tensors. */
  write(name: string, state: StateDict): string;
}

/** Runs `use` with such files, and removes them. */
export async function withFiles<T>(use: (files: Files) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-goldens-'));
  try {
    return await use({
      folder,
      write(name, state) {
        const file = join(folder, `${name}.safetensors`);
        writeSafetensors(file, state);
        return file;
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `use` with the losses, prepared. */
export function withLosses<T>(specs: readonly Spec[], use: (...losses: Loss[]) => T): Promise<T> {
  return withPrepared(specs.map(lossOf), use);
}

/** Runs `use` with the metrics, prepared. */
export function withMetrics<T>(specs: readonly Spec[], use: (...metrics: Metric[]) => T): Promise<T> {
  return withPrepared(specs.map(metricOf), use);
}

async function withPrepared<C extends Prepared, T>(all: readonly C[], use: (...all: C[]) => T): Promise<T> {
  try {
    for (const each of all) await each.prepare?.();
    return use(...all);
  } finally {
    for (const each of all) each.dispose?.();
  }
}

function metricOf(metric: Spec): Metric {
  return containerOf({ metrics: { metric } }).get('metrics', 'metric');
}

function lossOf(loss: Spec): Loss {
  const container = containerOf({ loss });
  const [own] = container.experiment.components('stages', 'stage', 'loss');
  return container.create('loss', own!);
}

/** The components of a small experiment, written to a file and loaded as any other. */
function containerOf({
  metrics = {},
  loss = { type: 'l1' },
}: {
  metrics?: Record<string, Spec>;
  loss?: Spec;
}): Container {
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-goldens-'));
  const file = join(folder, 'experiment.yaml');
  const optimizer = { type: 'adam' };
  const experiment = {
    name: 'golden',
    data: { data: { type: 'avatars', size: 64 } },
    networks: { network: { type: 'nafnet' } },
    stages: { stage: { type: 'regression', network: 'network', data: 'data', iterations: 1, loss, optimizer } },
    metrics,
  };
  try {
    writeFileSync(file, JSON.stringify(experiment));
    return new Container(loadExperiment(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
