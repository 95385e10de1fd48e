import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Journal, sealedJson } from '@dualprior/core';
import sharp from 'sharp';
import { StageFolder } from '../../store/stage-folder.ts';

export interface DrawnRun {
  readonly name: string;
  readonly seed?: number;
  readonly width?: number;
  /** What the run gains over the base, in dB. */
  readonly gain?: number;
  /** The number of kept test images; there are twelve in all. */
  readonly kept?: number;
  /** The loss that the stage `own` minimises. */
  readonly loss?: object;
  /** Added to the degraded input: not 0 for another degradation. */
  readonly blur?: number;
}

const IMAGES = 12;
const METHODS = ['NAFNet', 'Ours'];
const COLUMNS = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'lpips_substitute', better: 'lower', digits: 4 },
];

/** A finished run on the disk, drawn: `experiment.yaml`, results, images of 64x64, two stages of which the first one is shared. Returns its folder. */
export async function drawnRun(folder: string, run: DrawnRun): Promise<string> {
  const { name, seed = 0, width = 16, gain = 0, kept = 3, blur = 0, loss = { type: 'psnr' } } = run;
  const path = join(folder, `${name}-seed-${seed}`);
  write(join(path, 'experiment.yaml'), configuration(name, seed, width, loss));
  const rows = ['input', ...METHODS].map((method, m) => {
    const own = method === 'input' ? blur : m + gain * (m - 1) + 0.1 * seed;
    const values = Array.from({ length: IMAGES }, (_, i) => [20 + Math.sin(i) + own, 0.3 - 0.01 * own]);
    const lines = values.map(([psnr, lpips], i) => `face-${i},${psnr},${lpips}`);
    write(join(path, 'evaluation', method, 'metrics.csv'), `image,psnr,lpips_substitute\n${lines.join('\n')}\n`);
    return { method, values: [0, 1].map((c) => values.reduce((sum, value) => sum + value[c]!, 0) / IMAGES) };
  });
  write(join(path, 'results.json'), sealedJson({ columns: COLUMNS, rows, note: 'Drawn.', facts: {} }));
  for (let i = 0; i < kept; i++) {
    const file = `${String(i).padStart(4, '0')}.png`;
    await drawing(join(path, 'figures', 'sharp', 'images', file), [60 * i, 160, 90]);
    for (const [m, method] of ['input', ...METHODS].entries()) {
      await drawing(join(path, 'evaluation', method, 'images', file), [60 * i, 60 * m, Math.min(255, width * 3)]);
    }
  }
  const stages = { shared: join(folder, 'store', 'shared'), own: join(folder, 'store', `${name}-${seed}`) };
  for (const [stage, store] of Object.entries(stages)) trained(store, join(path, 'stages', stage), gain + 0.05 * seed);
  return path;
}

function configuration(name: string, seed: number, width: number, loss: object): string {
  return JSON.stringify({
    name,
    seed,
    networks: { net: { type: 'nafnet', width } },
    stages: { shared: { type: 'gan' }, own: { type: 'regression', network: 'net', loss } },
    methods: Object.fromEntries(METHODS.map((method) => [method, { type: 'regression', network: 'own.net' }])),
  });
}

function trained(store: string, link: string, level: number): void {
  const stage = new StageFolder(store);
  mkdirSync(stage.path, { recursive: true });
  const journal = Journal.open(stage.journal, { position: 0 });
  for (let step = 0; step <= 400; step += 4) {
    journal.metric('loss', 1 / (step + 20) + level / 100, step);
    if (step % 100 === 0) journal.metric('validation_psnr', 20 + step / 100 + level, step);
  }
  journal.close();
  stage.update({ complete: true, iterations: 400 });
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(store, link);
}

async function drawing(file: string, [r, g, b]: readonly [number, number, number]): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await sharp({ create: { width: 64, height: 64, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(file);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
