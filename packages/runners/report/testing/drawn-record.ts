import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadExperiment } from '@dualprior/core';
import sharp from 'sharp';
import { Intervals } from '../../evaluation/intervals.ts';
import { INPUT, type Results } from '../../evaluation/results.ts';
import { evidenceOf } from '../record/evidence.ts';
import type { PerImage } from '../../evaluation/per-image.ts';
import type { Picture } from '../record/pictures.ts';
import type { StageHistory } from '../record/stage-history.ts';
import type { RunRecord } from '../report.ts';

const EXPERIMENT = resolve(import.meta.dirname, '../../../../experiments/dual-prior-smoke.yaml');
const METHODS = ['HINet', 'NAFNet', 'GFP-GAN', 'Ours'];
const IMAGES = 12;
const KEPT = 3;

/** A run as a report sees it, drawn: five rows, three pictures of 64x64, stages with curves and samples. Files go into `folder`. */
export async function drawnRecord(folder: string): Promise<RunRecord> {
  const columns = [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'ssim', better: 'higher', digits: 4 },
    { name: 'lpips_substitute', better: 'lower', digits: 4 },
    { name: 'fid', better: 'lower', digits: 2 },
    { name: 'fid_192', better: 'lower', digits: 2 },
  ] as const;
  const perImage = new Map([INPUT, ...METHODS].map((method, m) => [method, measured(m)]));
  const results: Results = {
    columns,
    rows: [...perImage].map(([method, { columns: values }], m) => ({
      method,
      values: [...[...values.values()].map(mean), ...(method === 'HINet' ? [NaN, NaN] : [40 - 5 * m, 8 - m])],
      ...(method !== INPUT && { cost: { parameters: 1_000_000 * m, images: 640 * m, seconds: 100 * m } }),
    })),
    note: `Mean over ${IMAGES} images of "test".`,
    remarks: ['A remark with <b>markup</b> & more.'],
  };
  const intervals = new Intervals(perImage);
  const evidence = evidenceOf(results, intervals);
  return {
    experiment: loadExperiment(EXPERIMENT),
    directory: folder,
    results,
    evidence,
    seeds: [0, 1].map((seed) => ({ seed, measured: results, evidence })),
    intervals,
    stages: await Promise.all(['restore', 'invert'].map((name) => history(name, folder))),
    pictures: await Promise.all(Array.from({ length: KEPT }, (_, i) => picture(i, folder))),
    facts: { engine: 'drawn', MLflow: 'http://127.0.0.1:5000/#/experiments/1/runs/2' },
  };
}

function measured(m: number): PerImage {
  const values = (base: number, spread: number) =>
    Array.from({ length: IMAGES }, (_, i) => base + spread * Math.sin(i + m));
  return {
    names: Array.from({ length: IMAGES }, (_, i) => `face-${i}`),
    columns: new Map([
      ['psnr', values(20 + 2 * m, 0.3)],
      ['ssim', values(0.6 + 0.05 * m, 0.01)],
      ['lpips_substitute', values(0.2 - 0.01 * m, 0.01)],
    ]),
  };
}

async function picture(index: number, folder: string): Promise<Picture> {
  const draw = (label: string) => drawing(join(folder, `${index}-${label}.png`), [40 * index, 30 * label.length, 90]);
  const rows = await Promise.all([INPUT, ...METHODS].map(async (label) => [label, await draw(label)] as const));
  const views = await Promise.all(['x_R', 'x_G', 'x_hat'].map(async (view) => [view, await draw(view)] as const));
  const name = index === 0 ? '<script>alert(1)</script>' : `face-${index}`;
  return { name, sharp: await draw('sharp'), rows: new Map(rows), views: new Map([['Ours', new Map(views)]]) };
}

async function history(name: string, folder: string): Promise<StageHistory> {
  const points = Array.from({ length: 1000 }, (_, i) => [10 * i, i === 500 ? NaN : Math.exp(-i / 200)] as const);
  const file = await drawing(join(folder, `${name}.png`), [200, 120, 40]);
  return {
    name,
    type: 'regression',
    hash: '0123456789abcdef',
    iterations: 10_000,
    batch: 8,
    seconds: 3600,
    result: 'best',
    best: { iteration: 5000, by: 'validation PSNR 28.40 dB' },
    curves: [
      { name: 'loss', points },
      { name: 'loss_l1', points: points.map(([step, value]) => [step, value / 2] as const) },
      { name: 'validation_psnr', points: [[0, 20]] },
    ],
    snapshots: [0, 5000, 10_000].map((step) => ({ key: 'samples', step, file })),
    begun: 0,
    ended: 3_600_000,
  };
}

async function drawing(file: string, [r, g, b]: readonly [number, number, number]): Promise<string> {
  mkdirSync(dirname(file), { recursive: true });
  await sharp({ create: { width: 64, height: 64, channels: 3, background: { r, g: Math.min(g, 255), b } } })
    .png()
    .toFile(file);
  return file;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
