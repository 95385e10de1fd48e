import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import '../index.ts';
import { checkRehearsed } from './rehearsal-checks.ts';
import { loadRehearsal } from './stand-ins.ts';

const FOLDER = resolve(import.meta.dirname, '../../../experiments');
/** What others extend, and what is no experiment alone. */
const PARTS = ['paper-report.yaml'];

describe('an experiment of this repository is valid, whatever data and weights are missing', () => {
  test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && !PARTS.includes(name)))('%s', (name) => {
    const rehearsed = loadRehearsal(join(FOLDER, name), { set: [] });
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };
    try {
      expect(() => checkRehearsed(rehearsed, log)).not.toThrow();
      expect(warnings).toEqual([]);
    } finally {
      rehearsed.end();
    }
  });
});
