import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Random, UserError } from '@dualprior/core';
import { globSync } from 'tinyglobby';
import { ROOT } from '../../../../tools/setup/places.mjs';
import { describeMutant, draw, mutantsOf, type Mutant } from './mutant.ts';
import { productFiles, ROOMS, testsOf } from './rooms.ts';

const KERNELS = 'packages/blocks/kernels/camera-shake.ts';
const STREAM = 'packages/core/random/stream.ts';

const lines = (file: string) => readFileSync(join(ROOT, file), 'utf8').split('\n');

/** The text of a range as Stryker names it. */
function textOf({ file, range }: Mutant): string {
  const [from, to] = range.split('-').map((end) => end.split(':').map(Number)) as [[number, number], [number, number]];
  const before = lines(file)
    .slice(0, to[0] - 1)
    .reduce((sum, line) => sum + line.length + 1, 0);
  const start = lines(file)
    .slice(0, from[0] - 1)
    .reduce((sum, line) => sum + line.length + 1, 0);
  return lines(file)
    .join('\n')
    .slice(start + from[1], before + to[1]);
}

describe('mutants', () => {
  test('say where they are and what they change', async () => {
    const all = await mutantsOf([STREAM]);
    expect(all.length).toBeGreaterThan(40);
    for (const mutant of all) {
      expect(mutant.from).toBe(textOf(mutant));
      expect(mutant.to).not.toBe(mutant.from);
      expect(mutant.where).toBe(lines(STREAM)[mutant.line - 1]!.trim());
    }
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    const shift = all.find(({ from, to }) => from === 's[1] << 9' && to === 's[1] >> 9') ?? all[0]!;
    expect(describeMutant(shift)).toBe(
      `${STREAM}:${shift.line}: ${shift.from.replace(/\s+/g, ' ')} -> ${shift.to.replace(/\s+/g, ' ')}`,
    );
  });

  test('leave words for users alone, and nothing else', async () => {
    const texts = (await mutantsOf([KERNELS])).map(({ from }) => from);
    expect(texts.filter((text) => /^['`].*(canvas|traces|kernels)/.test(text))).toEqual([]);
    expect(texts).toContain("'camera-shake'");
    expect(texts).toContain('options.size % 2 === 0');
  });

  test('are drawn by the seed: the same ones again, in the order of the text, each as likely as any other', async () => {
    const all = await mutantsOf([KERNELS, STREAM]);
    const sample = (seed: number, count: number) => draw(all, count, new Random(seed).stream('mutants'));
    expect(sample(0, 10)).toHaveLength(10);
    expect(sample(0, 10)).toEqual(sample(0, 10));
    expect(sample(1, 10)).not.toEqual(sample(0, 10));
    expect(sample(0, 10_000)).toEqual(all);
    const places = sample(0, 10).map((mutant) => all.indexOf(mutant));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const counts = all.map(() => 0);
    for (let seed = 0; seed < 400; seed++) {
      for (const mutant of sample(seed, all.length / 2)) counts[all.indexOf(mutant)]!++;
    }
    // half of 400, give or take five standard deviations
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(50);
  });
});

describe('a folder', () => {
  test('has product files: no tests, nothing that tests share, nothing that is generated', () => {
    expect(productFiles('core/random')).toEqual([
      'packages/core/random/random.ts',
      'packages/core/random/sha256.ts',
      STREAM,
    ]);
    const files = ROOMS.flatMap(productFiles);
    expect(files.filter((name) => /\.test\.|\/testing\/|generated/.test(name))).toEqual([]);
  });

  test.each(['core/nothing', '../tools', 'core', 'core/random/stream.ts'])('%s is none', (name) => {
    expect(() => productFiles(name)).toThrow(UserError);
  });

  test('has tests of its own, and some have reference values elsewhere', () => {
    expect(testsOf('core/random')).toEqual(['packages/core/random/**/+([^.]).test.ts']);
    expect(testsOf('blocks/losses')).toEqual([
      'packages/blocks/losses/**/+([^.]).test.ts',
      'packages/blocks/faces/*.test.ts',
      'packages/runners/{defaults,schema}.test.ts',
      'packages/runners/goldens/losses.reference.test.ts',
      'packages/runners/goldens/features.reference.test.ts',
    ]);
  });

  test.each(ROOMS)('%s: each of its tests is there', (room) => {
    for (const tests of testsOf(room)) expect(globSync(tests, { cwd: ROOT })).not.toEqual([]);
  });
});
