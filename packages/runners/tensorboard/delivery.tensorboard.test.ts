import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@dualprior/core';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { BackgroundDelivery } from './background-delivery.ts';
import { hasTensorboard, readEvents } from './testing/read-events.ts';

jest.setTimeout(120_000);

let folder: string;
const said: string[] = [];
const console = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const events = () => join(folder, 'tensorboard');
const stageFile = () => join(folder, 'stages', 'restore', 'journal.jsonl');
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

function begin(at = 'restore@0123'): BackgroundDelivery {
  const delivery = new BackgroundDelivery({ directory: folder, folder: events(), console, interval: 0.02 });
  delivery.follow({ file: stageFile(), at: ['stages', at], name: 'restore' });
  return delivery;
}

const deliver = (at?: string) => begin(at).finish(20);

async function png(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#306090' } })
    .png()
    .toBuffer();
}

/** A stage's journal from a position on. */
function train(from: number, to: number, position = 0, factor = 1): number {
  const journal = Journal.open(stageFile(), { position });
  if (position === 0) {
    journal.start('restore');
    journal.params({ type: 'regression', batch: { size: 8 }, flip: true });
  }
  for (let step = from; step <= to; step++) journal.metric('loss', factor / step, step);
  journal.close();
  return journal.position;
}

async function lossOf(run = 'stages/restore') {
  return (await readEvents(events()))[run]!.scalars['loss']!;
}

const eventFile = (run: string) => {
  const names = readdirSync(join(events(), run)).filter((name) => name.includes('tfevents'));
  expect(names).toHaveLength(1);
  return join(events(), run, names[0]!);
};

(hasTensorboard() ? describe : describe.skip)('TensorBoard reads', () => {
  test('curves, images, hyperparameters and texts of the run, its stages and methods', async () => {
    const [sample, sheet] = [await png(48, 16), await png(20, 30)];
    mkdirSync(join(folder, 'stages', 'restore'), { recursive: true });
    writeFileSync(join(folder, 'stages', 'restore', '10.png'), sample);
    writeFileSync(join(folder, 'samples.png'), sheet);
    const before = Date.now() / 1000;
    train(1, 2000);
    const stage = Journal.open(stageFile());
    stage.image('validation', join(folder, 'stages', 'restore', '10.png'), 10);
    stage.metric('grad norm', Number.NaN, 10);
    stage.end('FINISHED');
    const journal = Journal.open(join(folder, 'journal.jsonl'));
    journal.start('trial');
    journal.params({ seed: 3, name: 'ü € 字', evaluation: { batch: 8 }, list: [1, 2], compile: false, empty: '' });
    journal.tag('note', '| method | psnr |\n| - | - |\n| NAFNet | 28.5 |');
    journal.tag('user', 'ann_b_c');
    journal.artifact('samples.png', join(folder, 'samples.png'));
    journal.artifact('table.md', join(folder, 'table.md'));
    const method = journal.of('methods', 'NAFNet');
    method.start('NAFNet');
    method.metric('psnr', 28.5, 0);
    journal.metric('NAFNet.psnr', 28.5, 0);
    journal.end('FINISHED');
    expect(await deliver()).toEqual({
      complete: true,
      missing: 0,
      problem: null,
      remedy: 'the same command, run again,',
      notes: [],
    });
    const runs = await readEvents(events());
    const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
    expect(runs['.']).toMatchObject({
      scalars: { 'NAFNet.psnr': [[0, 28.5, expect.any(Number)]] },
      images: { 'samples.png': [[0, 20, 30, sha256(sheet)]] },
      texts: { note: [[0, '| method | psnr |\n| - | - |\n| NAFNet | 28.5 |']], user: [[0, '`ann_b_c`']] },
      hyperparameters: { seed: 3, name: 'ü € 字', 'evaluation.batch': 8, list: '[1,2]', compile: false, empty: '' },
      ended: 1,
    });
    expect(runs['methods/NAFNet']).toMatchObject({ scalars: { psnr: [[0, 28.5, expect.any(Number)]] } });
    const { scalars, images, hyperparameters } = runs['stages/restore']!;
    const loss = scalars['loss']!;
    expect(loss.map(([step]) => step)).toEqual(upTo(2000));
    expect(loss.map(([, value]) => value)).toEqual(upTo(2000).map((step) => Math.fround(1 / step)));
    for (const [, , seconds] of loss)
      expect([seconds >= before - 0.001, seconds <= Date.now() / 1000]).toEqual([true, true]);
    expect(scalars['grad norm']).toEqual([[10, 'nan', expect.any(Number)]]);
    expect(images).toEqual({ validation: [[10, 48, 16, sha256(sample)]] });
    expect(hyperparameters).toEqual({ type: 'regression', 'batch.size': 8, flip: true });
  });

  test('each point once, wherever a delivery was killed', async () => {
    const position = train(1, 500);
    await deliver();
    const state = join(events(), 'delivery.json');
    copyFileSync(state, join(folder, 'before.json'));
    train(501, 900, position);
    await deliver();
    const undisturbed = readFileSync(eventFile('stages/restore'));
    // Killed in the middle of a write, before it was noted.
    copyFileSync(join(folder, 'before.json'), state);
    appendFileSync(eventFile('stages/restore'), 'half a rec');
    await deliver();
    expect(readFileSync(eventFile('stages/restore')).equals(undisturbed)).toBe(true);
    expect((await lossOf()).map(([step]) => step)).toEqual(upTo(900));
  });

  test('what a stage trained since its checkpoint, not what the kill took', async () => {
    const checkpoint = train(1, 300);
    train(301, 400, checkpoint);
    await deliver();
    train(301, 500, checkpoint, 2);
    await deliver();
    expect((await lossOf()).map(([step, value]) => [step, value])).toEqual(
      upTo(500).map((step) => [step, Math.fround((step > 300 ? 2 : 1) / step)]),
    );
  });

  test('what a run says again once', async () => {
    for (let session = 0; session < 3; session++) {
      const journal = Journal.open(join(folder, 'journal.jsonl'));
      journal.start('trial');
      journal.params({ seed: 0 });
      journal.tag('note', session < 2 ? 'a table '.repeat(50) : 'another table');
      journal.metric('NAFNet.psnr', session < 2 ? 28.5 : 29, 0);
      journal.end('FINISHED');
      journal.close();
      await deliver();
    }
    const { scalars, texts } = (await readEvents(events()))['.']!;
    expect(scalars['NAFNet.psnr']!.map(([step, value]) => [step, value])).toEqual([
      [0, 28.5],
      [0, 29],
    ]);
    expect(texts['note']).toEqual([
      [0, 'a table '.repeat(50)],
      [0, 'another table'],
    ]);
  });

  test('a stage that was trained again, and no longer what it was before', async () => {
    train(1, 20);
    await deliver('restore@0123');
    train(1, 10, 0, 5);
    await deliver('restore@4567');
    expect((await lossOf()).map(([, value]) => value)).toEqual(upTo(10).map((step) => Math.fround(5 / step)));
    eventFile('stages/restore');
  });

  test('all of a run whose event files were removed', async () => {
    train(1, 20);
    await deliver();
    rmSync(eventFile('stages/restore'));
    await deliver();
    expect((await lossOf()).map(([step]) => step)).toEqual(upTo(20));
    rmSync(events(), { recursive: true });
    await deliver();
    expect((await lossOf()).map(([step]) => step)).toEqual(upTo(20));
  });

  test('all in the end, where the folder could not be written for a while', async () => {
    train(1, 20);
    mkdirSync(join(events(), 'stages'), { recursive: true });
    writeFileSync(join(events(), 'stages', 'restore'), 'in the way');
    expect(await deliver()).toMatchObject({
      complete: false,
      missing: 24,
      problem: expect.stringContaining('cannot be written'),
    });
    rmSync(join(events(), 'stages', 'restore'));
    expect(await deliver()).toMatchObject({ complete: true });
    expect((await lossOf()).map(([step]) => step)).toEqual(upTo(20));
  });
});

test('an image that is missing or invalid is reported, and holds up nothing', async () => {
  const journal = Journal.open(join(folder, 'journal.jsonl'));
  writeFileSync(join(folder, 'text.png'), 'no image');
  journal.image('gone', join(folder, 'gone.png'), 1);
  journal.image('text', join(folder, 'text.png'), 1);
  journal.image('outside', '/etc/hostname', 1);
  journal.metric('loss', 1, 1);
  const { complete, notes } = await deliver();
  expect(complete).toBe(true);
  expect(notes).toEqual([
    'gone.png is not shown: there is no such file.',
    expect.stringMatching(/^text\.png is not shown: .*unsupported image format/),
    '/etc/hostname is not shown: it lies outside the run.',
  ]);
});

test('event files of another run are left alone', async () => {
  await deliver();
  const other = join(folder, 'other');
  mkdirSync(other);
  const into = () => new BackgroundDelivery({ directory: other, folder: events(), console });
  expect(into).toThrow(/has event files of another run\. Remove it, or name another folder \(tracking\.folder\)/);
  writeFileSync(join(events(), 'delivery.json'), '{"run": 3');
  writeFileSync(join(events(), 'events.out.tfevents.1.host'), '');
  expect(begin).toThrow(/has event files of another run/);
});
