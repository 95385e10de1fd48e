import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { flatten } from './journal.ts';
import { Journal } from './journal.ts';
import { JOURNAL_START, readJournal, readWholeJournal } from './journal-reader.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'run', 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = fc.oneof(
  fc.record({ key: fc.string(), value: fc.double(), step: fc.nat() }),
  fc.record({ key: fc.string({ unit: 'binary' }), value: fc.string({ unit: 'binary' }) }),
);

describe('a journal', () => {
  test('gives back what was written, over any number of sessions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(event), { maxLength: 4 }), async (sessions) => {
        rmSync(file, { force: true });
        for (const events of sessions) {
          const journal = Journal.open(file, { run: ['stages', 'a'] });
          for (const each of events) {
            if ('step' in each) journal.metric(each.key, each.value, each.step);
            else journal.tag(each.key, each.value);
          }
          expect(journal.position).toBe(statSync(file).size);
          journal.close();
        }
        const read = await readWholeJournal(file);
        const expected = sessions.flat().map((each) => ({ ...each, run: ['stages', 'a'] }));
        expect(read.map((record) => pick(record))).toEqual(expected.map((record) => pick(record)));
      }),
      { numRuns: 50 },
    );
  });

  test('cuts a torn last line when it is opened, wherever it was torn', () => {
    const journal = Journal.open(file);
    journal.tag('first', 'ä');
    const whole = journal.position;
    journal.tag('second', 'ö'.repeat(50));
    journal.close();
    const bytes = readFileSync(file);
    for (let length = whole; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      const again = Journal.open(file);
      expect(again.position).toBe(whole);
      again.tag('third', 'x');
      again.close();
      expect(
        readFileSync(file, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).key),
      ).toEqual(['first', 'third']);
    }
  });

  test('is cut back to a position, to nothing, and no further than it is long', () => {
    const journal = Journal.open(file);
    journal.tag('first', '');
    const { position } = journal;
    journal.tag('second', '');
    journal.close();
    Journal.open(file, { position: 1e9 }).close();
    expect(statSync(file).size).toBeGreaterThan(position);
    Journal.open(file, { position }).close();
    expect(statSync(file).size).toBe(position);
    Journal.open(file, { position: 0 }).close();
    expect(statSync(file).size).toBe(0);
  });

  test('names files of its own folder relatively and others absolutely', async () => {
    const journal = Journal.open(file);
    journal.artifact('a', join(folder, 'run', 'samples', 'a.png'));
    journal.image('b', join(folder, 'elsewhere.png'), 3);
    journal.close();
    const files = (await readWholeJournal(file)).map((record) => ('file' in record ? record.file : ''));
    expect(files).toEqual(['samples/a.png', join(folder, 'elsewhere.png')]);
  });

  test('holds several runs', async () => {
    const journal = Journal.open(file);
    journal.of('methods', 'NAFNet').start('NAFNet');
    journal.end('FINISHED');
    journal.close();
    const records = await readWholeJournal(file);
    expect(records.map(({ run, event }) => [run, event])).toEqual([
      [['methods', 'NAFNet'], 'start'],
      [[], 'end'],
    ]);
  });
});

describe('reading a journal', () => {
  test('continues where it stopped, in whole lines, however small the chunks', async () => {
    const journal = Journal.open(file);
    const keys: string[] = [];
    let position = JOURNAL_START;
    for (let i = 0; i < 30; i++) {
      journal.tag(`key${i}`, 'x'.repeat(i * 10));
      for (;;) {
        const chunk = await readJournal(file, position, 64);
        if (chunk.records.length === 0) break;
        expect(chunk.restarted).toBe(false);
        keys.push(...chunk.records.map((record) => ('key' in record ? record.key : '')));
        position = chunk.position;
      }
    }
    expect(keys).toEqual(Array.from({ length: 30 }, (_, i) => `key${i}`));
    appendFileSync(file, '{"time":1,"run":[],"event":"tag","key":"to');
    expect((await readJournal(file, position)).records).toEqual([]);
  });

  test('gives every line once, wherever a chunk ends', async () => {
    const journal = Journal.open(file);
    const keys = Array.from({ length: 8 }, (_, i) => `k${i}${'x'.repeat((i * 7) % 23)}`);
    for (const key of keys) journal.tag(key, '');
    journal.close();
    const length = statSync(file).size;
    for (let bytes = 1; bytes <= length + 1; bytes += 3) {
      const read: string[] = [];
      let position = JOURNAL_START;
      for (;;) {
        const chunk = await readJournal(file, position, bytes);
        expect({ restarted: chunk.restarted, damaged: chunk.damaged }).toEqual({ restarted: false, damaged: 0 });
        if (chunk.records.length === 0) break;
        read.push(...chunk.records.map((record) => ('key' in record ? record.key : '')));
        position = chunk.position;
      }
      expect(read).toEqual(keys);
      expect(position.offset).toBe(length);
    }
  });

  test('skips a line that is longer than any of ours', async () => {
    const journal = Journal.open(file);
    journal.tag('before', '');
    journal.close();
    const { size } = statSync(file);
    truncateSync(file, size + 2 ** 26);
    appendFileSync(file, '\n{"time":1,"run":[],"event":"tag","key":"after","value":""}\n');
    const first = await readJournal(file);
    const second = await readJournal(file, first.position);
    const third = await readJournal(file, second.position);
    expect([first.records, second, third.records]).toMatchObject([
      [{ key: 'before' }],
      { records: [], damaged: 1 },
      [{ key: 'after' }],
    ]);
  });

  test.each([
    '{"time":1,"run":[],"event":"tag","key":1,"value":""}',
    '{"time":1,"run":[1],"event":"end","status":"FINISHED"}',
    '{"time":1,"run":"x","event":"end","status":"FINISHED"}',
    '{"time":1,"run":["a\\u0000"],"event":"end","status":"FINISHED"}',
    '{"time":1,"run":[],"event":"end","status":"DONE"}',
    '{"time":1.5,"run":[],"event":"end","status":"FINISHED"}',
    '{"time":1,"run":[],"event":"artifact","path":"a","file":["/etc/passwd"]}',
    '{"time":1,"run":[],"event":"metric","key":"a","value":"1","step":1}',
    '{"time":1,"run":[],"event":"metric","key":"a","value":1,"step":0.5}',
    '{"time":1,"run":[],"event":"toString"}',
  ])('takes no record of another form: %s', async (line) => {
    mkdirSync(join(folder, 'run'));
    writeFileSync(file, `${line}\n`);
    expect(await readJournal(file)).toMatchObject({ damaged: 1, records: [] });
  });

  test('starts over when the journal was cut back, even if it has grown past the place since', async () => {
    let journal = Journal.open(file);
    journal.tag('kept', '');
    const cut = journal.position;
    journal.tag('gone', 'one');
    const { position } = await readJournal(file);
    journal = Journal.open(file, { position: cut });
    expect(await readJournal(file, position)).toMatchObject({ restarted: true, records: [{ key: 'kept' }] });
    for (let i = 0; i < 5; i++) journal.tag('new', 'two');
    const chunk = await readJournal(file, position);
    expect(chunk.restarted).toBe(true);
    expect(chunk.records).toHaveLength(6);
  });

  test('takes a missing journal for an empty one, and skips damaged lines', async () => {
    expect((await readJournal(file)).records).toEqual([]);
    mkdirSync(join(folder, 'run'));
    writeFileSync(file, '{"time":1,"run":[],"event":"end","status":"FAILED"}\nnull\n{"a":1}\n\u0000\u0000\n');
    expect(await readJournal(file)).toMatchObject({ damaged: 3, records: [{ event: 'end' }] });
  });
});

test('flatten gives the leaves with dotted keys', () => {
  expect(
    flatten({
      a: { b: [1, 2], c: null },
      losses: [{ type: 'l1' }, { type: 'mse', weight: 0.5 }],
      none: undefined,
      empty: {},
    }),
  ).toEqual([
    ['a.b', '[1,2]'],
    ['a.c', 'null'],
    ['losses.0.type', 'l1'],
    ['losses.1.type', 'mse'],
    ['losses.1.weight', '0.5'],
    ['empty', '{}'],
  ]);
});

function pick(record: object): unknown {
  const { run, key, value, step } = record as { run: string[]; key: string; value: number | string; step?: number };
  const number = step === undefined ? value : Object.is(value, -0) ? 0 : Number.isFinite(value) ? value : String(value);
  return { run, key, value: number, step };
}
