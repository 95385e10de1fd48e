import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { directSampler } from '@dualprior/blocks';
import { Journal, loadEngine, readSafetensors, readWholeJournal, UserError, writeSafetensors } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Console } from '../../console/console.ts';
import type { StageContext } from '../stage.ts';
import { trainingLoop, type PeriodicValidation, type Ranking, type Training } from './training-loop.ts';
import { previousStateFile, savedProgress, stateFile, TrainingState } from '../../store/training-state.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';

const silent = { info: () => {}, warn: () => {}, progress: () => ({ update: () => {}, stop: () => {} }) };

let folder: string;
let weight: tf.Variable<tf.Rank.R1>;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stage-'));
  weight = tf.variable(tf.tensor1d([1]));
});

function context(abort = new AbortController()): StageContext {
  return {
    name: 'restore',
    folder,
    seed: 0,
    runtime: { compile: true, recompute: false },
    openJournal: (position) => Journal.open(join(folder, 'journal.jsonl'), { position }),
    sampler: directSampler,
    unreadable: new UnreadableImages(silent),
    console: silent as unknown as Console,
    signal: abort.signal,
  };
}

/** Its values are 5, 100, 15, 20. */
function validation(better: Ranking['better']): PeriodicValidation {
  const ranking = { better, describe: (value: number) => `score ${value}` };
  return { every: 5, ranking, begin: async () => {}, run: async (done) => (done === 10 ? 100 : done) };
}

/** Multiplies the weight by 0.9 a step; its loss is the weight. `at` is called before each step. */
function training(at: (iteration: number) => void = () => {}): Training & { exported: string[] } {
  const exported: string[] = [];
  return {
    exported,
    iterations: 20,
    state: new TrainingState(folder, new Map([['weight', weight]])),
    step: async (iteration) => {
      at(iteration);
      tf.tidy(() => weight.assign(tf.mul(weight, 0.9)));
      const loss = weight.dataSync()[0]!;
      return {
        losses: iteration % 2 === 0 ? { loss } : { loss, odd: 2 * loss },
        rates: { learning_rate: 1 / (iteration + 1) },
      };
    },
    validations: [validation('higher')],
    export: (file) => void exported.push(file),
    saveEvery: 4,
    logEvery: 3,
  };
}

async function curve(key: string): Promise<number[][]> {
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  return records.flatMap((r) => (r.event === 'metric' && r.key === key ? [[r.step, r.value as number]] : []));
}

async function losses(): Promise<number[][]> {
  return [...(await curve('loss')), ...(await curve('odd'))];
}

test('trains, logs means of the loss, keeps the best', async () => {
  const run = training();
  await trainingLoop(run, context());
  expect(run.exported).toEqual(['best', 'best', 'last']);
  const steps = [3, 6, 9, 12, 15, 18, 20];
  expect((await curve('loss')).map(([step]) => step)).toEqual(steps);
  expect((await curve('loss'))[0]![1]).toBeCloseTo((0.9 + 0.81 + 0.729) / 3, 6);
  expect((await curve('odd'))[0]![1]).toBeCloseTo(2 * 0.81, 6);
  expect((await curve('learning_rate')).map(([, value]) => value)).toEqual(steps.map((step) => 1 / step));
  expect(weight.dataSync()[0]).toBeCloseTo(0.9 ** 20, 6);
});

test('each point of a curve is the mean since the one before', async () => {
  await trainingLoop(training(), context());
  const mean = (from: number, to: number) => {
    let sum = 0;
    for (let step = from; step <= to; step++) sum += 0.9 ** step;
    return sum / (to - from + 1);
  };
  const points = [3, 6, 9, 12, 15, 18, 20];
  const expected = points.map((step, i) => [step, mean((points[i - 1] ?? 0) + 1, step)] as const);
  const found = await curve('loss');
  expect(found).toHaveLength(expected.length);
  found.forEach(([step, value], i) => {
    expect(step).toBe(expected[i]![0]);
    expect(value).toBeCloseTo(expected[i]![1], 6);
  });
});

describe('a training that continues', () => {
  /** Counts what a validation is asked for; `at` is called while it runs. */
  function counted(at: (done: number) => void) {
    const calls: string[] = [];
    const own: PeriodicValidation = {
      every: 5,
      ranking: { better: 'higher', describe: String },
      begin: async () => void calls.push('begin'),
      run: async (done, journal) => {
        calls.push(`run ${done}`);
        at(done);
        journal.metric('score', done, done);
        return done;
      },
    };
    return { calls, of: (run: Training & { exported: string[] }): typeof run => ({ ...run, validations: [own] }) };
  }

  test('does a validation again that was stopped, before any other step, and does not begin again', async () => {
    const stop = counted((done) => {
      if (done === 10) throw new Error('killed');
    });
    await expect(trainingLoop(stop.of(training()), context())).rejects.toThrow('killed');
    expect(stop.calls).toEqual(['begin', 'run 5', 'run 10']);
    const again = counted(() => {});
    const run = again.of(training((iteration) => void again.calls.push(`step ${iteration}`)));
    const { best } = await trainingLoop(run, context());
    const steps = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `step ${from + i}`);
    expect(again.calls).toEqual(['run 10', ...steps(10, 14), 'run 15', ...steps(15, 19), 'run 20']);
    expect(await curve('score')).toEqual([5, 10, 15, 20].map((done) => [done, done]));
    expect([run.exported, best?.iteration]).toEqual([['best', 'best', 'best', 'last'], 20]);
  });

  test('does not do one again that was done', async () => {
    const abort = new AbortController();
    const stop = counted((done) => {
      if (done === 10) abort.abort();
    });
    await expect(trainingLoop(stop.of(training()), context(abort))).rejects.toThrow('Interrupted');
    const again = counted(() => {});
    await trainingLoop(again.of(training()), context());
    expect(again.calls).toEqual(['run 15', 'run 20']);
    expect(await curve('score')).toEqual([5, 10, 15, 20].map((done) => [done, done]));
  });

  test('adds up the seconds of all its sessions', async () => {
    const kill = training((iteration) => {
      if (iteration === 9) throw new Error('killed');
    });
    await expect(trainingLoop(kill, context())).rejects.toThrow('killed');
    const { tensors, metadata } = readSafetensors(stateFile(folder));
    const progress = JSON.stringify({ ...(JSON.parse(metadata.get('progress')!) as object), seconds: 1000 });
    writeSafetensors(stateFile(folder), tensors, { progress, order: metadata.get('order')! });
    expect((await trainingLoop(training(), context())).seconds).toBeGreaterThan(1000);
  });
});

test('the best may be the lowest, and other validations do not count', async () => {
  const lines: string[] = [];
  const run = training();
  const seen: number[] = [];
  const watching: PeriodicValidation = {
    every: 8,
    ranking: undefined,
    begin: async () => void seen.push(0),
    run: async (done) => seen.push(done),
  };
  const console = { ...silent, info: (line: string) => void lines.push(line) } as unknown as Console;
  const validations = [watching, undefined, validation('lower')];
  const trained = await trainingLoop({ ...run, validations }, { ...context(), console });
  expect(trained.best).toEqual({ iteration: 5, by: 'score 5' });
  expect(run.exported).toEqual(['best', 'last']);
  expect(lines.at(-1)).toMatch(/^ {2}trained in .*, best score 5 at 5$/);
  expect(seen).toEqual([0, 8, 16, 20]);
});

test('of equal values the first is the best, whichever way is better', async () => {
  for (const better of ['higher', 'lower'] as const) {
    folder = mkdtempSync(join(tmpdir(), 'stage-'));
    const run = training();
    const equal = { ...validation(better), run: async () => 7 };
    expect((await trainingLoop({ ...run, validations: [equal] }, context())).best?.iteration).toBe(5);
    expect(run.exported).toEqual(['best', 'last']);
  }
});

test('an infinite value is the best, and NaN is not once there is a number; a state keeps either', async () => {
  for (const first of [NaN, 1]) {
    folder = mkdtempSync(join(tmpdir(), 'stage-'));
    const values = [first, Infinity, NaN, 3];
    const of = (run: Training): Training => ({
      ...run,
      validations: [{ ...validation('higher'), run: async (done) => values[done / 5 - 1] }],
    });
    for (const moment of [9, 13]) {
      const kill = training((iteration) => {
        if (iteration === moment) throw new Error('killed');
      });
      await expect(trainingLoop(of(kill), context())).rejects.toThrow('killed');
    }
    expect((await trainingLoop(of(training()), context())).best).toEqual({ iteration: 10, by: 'score Infinity' });
  }
});

describe('however a training ends, it continues to the same weights', () => {
  const endings: [string, (at: number, abort: AbortController) => void][] = [
    ['interrupt', (_, abort) => abort.abort()],
    [
      'kill',
      () => {
        throw new Error('killed');
      },
    ],
  ];
  test.each(endings)('%s', async (_, end) => {
    await trainingLoop(training(), context());
    const whole = { weight: weight.dataSync()[0], losses: await losses() };

    folder = mkdtempSync(join(tmpdir(), 'stage-'));
    for (const moment of [0, 3, 7, 8, 19, -1]) {
      weight.assign(tf.tensor1d([1]));
      const abort = new AbortController();
      const run = training((iteration) => iteration === moment && end(iteration, abort));
      await trainingLoop(run, context(abort)).catch(() => {});
    }
    expect({ weight: weight.dataSync()[0], losses: await losses() }).toEqual(whole);
  });
});

test('a state whose numbers are in another order is refused, and stays', async () => {
  await trainingLoop(training(), context());
  const file = stateFile(folder);
  const { tensors, metadata } = readSafetensors(file);
  writeSafetensors(file, tensors, { progress: metadata.get('progress')! });
  const old = readFileSync(file);
  const again = trainingLoop(training(), context());
  await expect(again).rejects.toThrow(UserError);
  await expect(again).rejects.toThrow(/saved by another version .*\n {2}Remove .* to train the stage again/);
  expect(readFileSync(file)).toEqual(old);
});

describe('a damaged state', () => {
  /** Trains up to iteration 14: states after 10, 12 and, for a validation, 15 would be next. */
  async function killed(): Promise<void> {
    const kill = training((iteration) => {
      if (iteration === 14) throw new Error('killed');
    });
    await expect(trainingLoop(kill, context())).rejects.toThrow('killed');
  }

  const damages: [string, (file: string) => void][] = [
    ['one bit of a tensor', (file) => overwrite(file, -2, (byte) => byte ^ 4)],
    ['one bit of the progress', (file) => overwrite(file, readFileSync(file).indexOf('iteration') + 13, (b) => b ^ 1)],
    ['cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, -3))],
    ['empty', (file) => writeFileSync(file, '')],
    ['without progress', (file) => rewrite(file, () => undefined)],
    [
      'an iteration that is no number',
      (file) => rewrite(file, (text) => text.replace(/"iteration":\d+/, '"iteration":"x"')),
    ],
    ['no JSON', (file) => rewrite(file, () => '{')],
    ['progress that is null', (file) => rewrite(file, () => 'null')],
  ];

  test.each(damages)(
    '(%s) is reported, and the training continues from the one before to the same weights',
    async (what, damage) => {
      const inHeader = !['one bit of a tensor', 'cut off'].includes(what);
      await trainingLoop(training(), context());
      const whole = { weight: weight.dataSync()[0], losses: await losses() };
      folder = mkdtempSync(join(tmpdir(), 'stage-'));
      weight.assign(tf.tensor1d([1]));
      await killed();
      expect(savedProgress(folder)).toMatchObject({ iteration: 12 });
      damage(stateFile(folder));
      expect(savedProgress(folder)?.iteration).toBe(inHeader ? 10 : 12);

      weight.assign(tf.tensor1d([1]));
      const told: string[] = [];
      const begun: number[] = [];
      const console = { ...silent, warn: (line: string) => void told.push(line) } as unknown as Console;
      await trainingLoop(
        training((iteration) => void begun.push(iteration)),
        { ...context(), console },
      );
      expect(told).toEqual([
        expect.stringMatching(
          /training\.safetensors is .*damaged: .*\n {2}The training continues from the state before/,
        ),
      ]);
      expect(begun[0]).toBe(10);
      expect({ weight: weight.dataSync()[0], losses: await losses() }).toEqual(whole);
    },
  );

  test('never takes the place of a whole one', async () => {
    await killed();
    overwrite(stateFile(folder), -2, (byte) => byte ^ 4);
    const whole = readFileSync(previousStateFile(folder));
    new TrainingState(folder, new Map([['weight', weight]])).load(() => {});
    expect(readFileSync(stateFile(folder))).toEqual(whole);
    expect(existsSync(previousStateFile(folder))).toBe(false);
  });

  test('without a whole one before it is an error that says what to do', async () => {
    await killed();
    for (const file of [stateFile(folder), previousStateFile(folder)]) overwrite(file, -2, (byte) => byte ^ 4);
    const again = trainingLoop(training(), context());
    await expect(again).rejects.toThrow(UserError);
    await expect(again).rejects.toThrow(
      /training\.safetensors is damaged: the tensor "weight" has a wrong checksum\.\n.*previous\.safetensors is damaged[^]*Remove .*state to train the stage again/,
    );
  });

  test('that is gone is as one that is damaged', async () => {
    await killed();
    rmSync(stateFile(folder));
    expect(savedProgress(folder)).toMatchObject({ iteration: 10 });
  });

  /** Changes one byte, counted from the end where the place is negative. */
  function overwrite(file: string, place: number, change: (byte: number) => number): void {
    const bytes = readFileSync(file);
    const at = place < 0 ? bytes.length + place : place;
    bytes[at] = change(bytes[at]!);
    writeFileSync(file, bytes);
  }

  /** As a program would write it that has other progress. */
  function rewrite(file: string, change: (progress: string) => string | undefined): void {
    const { tensors, metadata } = readSafetensors(file);
    const progress = change(metadata.get('progress')!);
    writeSafetensors(file, tensors, { order: metadata.get('order')!, ...(progress !== undefined && { progress }) });
  }
});

test('a state without checksums, of an older version, is continued from', async () => {
  const kill = training((iteration) => {
    if (iteration === 14) throw new Error('killed');
  });
  await expect(trainingLoop(kill, context())).rejects.toThrow('killed');
  const bytes = readFileSync(stateFile(folder));
  const size = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + size).toString()) as Record<string, Record<string, string>>;
  delete header['__metadata__']!['dualprior.crc32'];
  const json = Buffer.from(JSON.stringify(header).padEnd(size));
  writeFileSync(stateFile(folder), Buffer.concat([bytes.subarray(0, 8), json, bytes.subarray(8 + size)]));
  const begun: number[] = [];
  await trainingLoop(
    training((iteration) => void begun.push(iteration)),
    context(),
  );
  expect(begun[0]).toBe(12);
  expect(weight.dataSync()[0]).toBeCloseTo(0.9 ** 20, 6);
});

test('numbers that are not finite stop the training; all before is kept', async () => {
  const run = training();
  const { step } = run;
  run.step = async (iteration) =>
    iteration === 10 ? { losses: { loss: NaN }, rates: {}, notFinite: '`intro` returns NaN' } : step(iteration);
  await expect(trainingLoop(run, context())).rejects.toThrow(
    /"restore" stopped at iteration 11: `intro` returns NaN[^]*after 10 iterations is kept/,
  );
  expect(run.state.load(() => {})).toMatchObject({ iteration: 10 });
  expect(weight.dataSync()[0]).toBeCloseTo(0.9 ** 10, 6);
});

describe('what is shown', () => {
  /** What a training shows: lines, the arguments of its bar, its updates, `stop` and the iterations that are counted. */
  async function shown(run: Training, abort = new AbortController()) {
    const told = { lines: [] as string[], bars: [] as unknown[][], updates: [] as [number, string][], stopped: 0 };
    const iterated: number[] = [];
    const bar = {
      update: (done: number, note: string) => void told.updates.push([done, note]),
      stop: () => void told.stopped++,
    };
    const console = {
      ...silent,
      info: (line: string) => void told.lines.push(line),
      progress: (...all: unknown[]) => {
        told.bars.push(all);
        return bar;
      },
    } as unknown as Console;
    const own = { ...context(abort), console, iterated: (done: number) => void iterated.push(done) };
    const failed = await trainingLoop(run, own).then(
      () => false,
      () => true,
    );
    return { ...told, iterated, failed };
  }

  const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  test('is each iteration with its losses and the best so far', async () => {
    const run = training();
    const losses = { loss: 0.123456, loss_g: 2, loss_d: 30_000, loss_l1: 4 };
    const { lines, bars, updates, stopped, iterated } = await shown({
      ...run,
      step: async () => ({ losses, rates: {} }),
    });
    expect(bars).toEqual([['training', 20, 0, 'iterations']]);
    const own = 'loss 0.1235 · loss g 2.000 · loss d 3.000e+4';
    const best = ['', ' · best score 5 at 5', ' · best score 100 at 10'];
    expect(updates).toEqual(upTo(1, 20).map((done) => [done, own + best[done <= 5 ? 0 : done <= 10 ? 1 : 2]!]));
    expect(lines).toEqual([expect.stringMatching(/^ {2}trained in .*, best score 100 at 10$/)]);
    expect([stopped, iterated]).toEqual([1, upTo(0, 20)]);
  });

  test('is, of a training that continues, from where', async () => {
    const abort = new AbortController();
    const first = await shown(
      training((iteration) => iteration === 6 && abort.abort()),
      abort,
    );
    expect([first.failed, first.stopped, first.lines, first.iterated]).toEqual([true, 1, [], upTo(0, 7)]);
    const { lines, bars, iterated } = await shown(training());
    expect(lines[0]).toBe('  resumes at iteration 7 of 20');
    expect(bars).toEqual([['training', 20, 7, 'iterations']]);
    expect(iterated).toEqual(upTo(7, 20));
  });

  test('is nothing of losses that it has not', async () => {
    const run = { ...training(), validations: [] };
    const { updates, lines } = await shown({ ...run, step: async () => ({ losses: { loss_d: 1 }, rates: {} }) });
    expect(updates[0]).toEqual([1, 'loss d 1.000']);
    expect(lines).toEqual([expect.stringMatching(/^ {2}trained in [^,]*$/)]);
  });
});

test('the state is saved at each interval and at the end, also where nothing is validated', async () => {
  const saved: (number | undefined)[] = [];
  const run = training(() => void saved.push(savedProgress(folder)?.iteration));
  await trainingLoop({ ...run, validations: [], saveEvery: 7 }, context());
  const before = [7, 7, 6].flatMap((count, i) =>
    new Array<number | undefined>(count).fill(i === 0 ? undefined : 7 * i),
  );
  expect(saved).toEqual(before);
  expect(savedProgress(folder)).toMatchObject({ iteration: 20 });
  await trainingLoop({ ...run, validations: [], saveEvery: 7 }, context());
  expect(saved).toHaveLength(20); // no iteration is done again
});

test('its seconds are those between the moments at which it saves', async () => {
  let now = 5000;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  const { seconds } = await trainingLoop(
    training(() => void (now += 250)),
    context(),
  );
  clock.mockRestore();
  expect(seconds).toBe(20 * 0.25);
});
