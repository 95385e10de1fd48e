import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { joinSweep, readMembership, readSweepFile, writeSweepFile } from './sweep-files.ts';

let folder: string;
const sweep = () => join(folder, 'sweep');
const run = () => join(folder, 'run');
const member = { label: 'wide · seed 1', changes: { 'networks.nafnet.width': 12 }, seed: 1 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-files-'));
  mkdirSync(sweep());
  mkdirSync(run());
});

test('a run knows its sweep, also where both were moved', () => {
  writeSweepFile(sweep(), { name: 'faces', members: { 'faces-wide': member } });
  joinSweep(run(), sweep(), 'faces-wide');
  expect(readMembership(run())).toEqual({ ...member, sweep: { directory: sweep(), name: 'faces' } });
  expect(() => joinSweep(run(), sweep(), 'other')).toThrow(/not the directory of a sweep with a run "other"/);
  expect(() => joinSweep(run(), run(), 'faces-wide')).toThrow(/--part-of/);
});

test.each(['{', '[]', '{"label": "a", "changes": {}, "seed": "x", "sweep": {"directory": "..", "name": "b"}}'])(
  'what someone else has written there counts for nothing where it has another form: %s',
  (content) => {
    writeFileSync(join(run(), 'variant.json'), content);
    expect(readMembership(run())).toBeUndefined();
  },
);

test('a link is not followed', () => {
  writeSweepFile(sweep(), { name: 'faces', members: {} });
  symlinkSync(join(sweep(), 'sweep.json'), join(run(), 'sweep.json'));
  expect(readSweepFile(sweep())).toBeDefined();
  expect(readSweepFile(run())).toBeUndefined();
});
