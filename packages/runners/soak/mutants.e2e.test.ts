import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import { whyEquivalent } from './mutants/judged.ts';
import { mutantsOf, type Mutant } from './mutants/mutant.ts';
import { productFiles } from './mutants/rooms.ts';
import { mutants } from './mutants.ts';

jest.setTimeout(600_000);

test('a mutant that a test notices is killed and kept, one that none notices is shown; the rest is known from before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-test-'));
  const all = await mutantsOf(productFiles('core/random'));
  const state = 'this.#state.every((word) => word === 0)';
  // One key in a billion has a word of zero, so no test has one.
  const survivor = all.find(({ from, to }) => from === state && to === 'this.#state.some(word => word === 0)')!;
  const victim = all.find(({ from, to }) => from === 'mean + deviation * value' && to === 'mean - deviation * value')!;
  const judged = all.filter((mutant) => whyEquivalent(mutant) !== undefined);
  expect(judged).not.toEqual([]);
  const known = all.filter((mutant) => ![survivor, victim, ...judged].includes(mutant));
  const kept = join(folder, 'core+random.jsonl');
  const noticed = ({ file, key, text }: Mutant) => ({ file, key, text, outcome: 'killed' });
  writeFileSync(kept, known.map((mutant) => `${JSON.stringify(noticed(mutant))}\n`).join(''));

  const log = { info: () => {}, warn: () => {} };
  const tried: number[] = [];
  const options = { count: all.length, parts: ['core/random'], folder, log, random: new Random(0) };
  const progress = (done: number) => void tried.push(done);
  const result = await mutants.run({ ...options, progress, signal: new AbortController().signal });

  expect(result.counts).toEqual({ killed: known.length + 1, 'timed out': 0, equivalent: judged.length });
  const reproduction = join(folder, 'core+random.md');
  const message = `survived: ${survivor.file}:${survivor.line}: ${state} -> ${survivor.to}`;
  expect(result.failures).toEqual([{ message, reproduction }]);
  expect(tried).toEqual(all.map((_, i) => i + 1));
  expect(JSON.parse(readFileSync(kept, 'utf8').trim().split('\n').at(-1)!)).toEqual(noticed(victim));
  const report = readFileSync(reproduction, 'utf8');
  expect(report).toMatch(
    new RegExp(
      `^# core/random: ${all.length} tried, ${known.length + 1} killed, 0 timed out, ${judged.length} equivalent, 1 `,
    ),
  );
  expect(report).toContain(`\`\`\`diff\n- ${state}\n+ ${survivor.to}\n\`\`\``);
  expect(report).toContain(whyEquivalent(judged[0]!)!);
  expect(readdirSync(folder).sort()).toEqual(['core+random.jsonl', 'core+random.md']);
  rmSync(folder, { recursive: true });
});
