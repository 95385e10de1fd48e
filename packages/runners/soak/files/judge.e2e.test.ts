import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { Judge } from './judge.ts';
import { tryFiles } from './try-files.ts';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'judge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Does what a file says. */
const program = join(folder, 'child.ts');
writeFileSync(
  program,
  `
  import { readFileSync } from 'node:fs';
  import { UserError } from ${JSON.stringify(join(import.meta.dirname, '../../../core/errors/user-error.ts'))};
  import { answerFiles } from ${JSON.stringify(join(import.meta.dirname, 'answer-files.ts'))};
  answerFiles((file) => {
    const order = readFileSync(file, 'utf8');
    if (order === 'work') for (;;);
    if (order === 'sleep') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (order === 'fill') for (const all = []; ; ) all.push(Buffer.alloc(2 ** 24, 1));
    if (order === 'fill shortly') for (const all = []; all.length < 20; ) all.push(Buffer.alloc(2 ** 24, 1));
    if (order === 'die') process.abort();
    if (order === 'throw') throw new RangeError('no bounds');
    if (order === 'refuse') throw new UserError('Give another one.');
    if (order === 'mumble') throw new UserError(' ');
    return order;
  });`,
);

test('each fault is found, kept, and leaves the next file alone', async () => {
  const orders = ['read', 'work', 'sleep', 'fill', 'fill shortly', 'die', 'throw', 'mumble', 'refuse', 'read'];
  const judge = new Judge(program, { memory: 300e6, processor: 1, clock: 10 });
  const make = (i: number) => ({ name: 'x.txt', content: orders[i]! });
  const { signal } = new AbortController();
  const { counts, failures } = await tryFiles(make, judge, {
    count: 10,
    parts: [],
    folder,
    progress: () => {},
    signal,
  });
  expect(counts).toEqual({ read: 2, refused: 1 });
  const memory = /^x.txt: took more than 300 MB of memory/;
  const faults = [
    /^x.txt: took more than 1 s of a processor$/,
    /^x.txt: gave no answer in 10 s$/,
    memory,
    memory,
    /^x.txt: the process ended with SIGABRT$/,
    /^x.txt: no error for users: RangeError: no bounds\n +at /,
    /^x.txt: an error without words$/,
  ];
  expect(failures.map(({ message }) => message)).toEqual(faults.map((fault) => expect.stringMatching(fault)));
  expect(failures.map(({ reproduction }) => reproduction)).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((i) => join(folder, `failure-${i}-x.txt`)),
  );
});
