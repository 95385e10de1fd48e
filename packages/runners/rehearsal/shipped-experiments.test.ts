import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Container, LOG } from '@dualprior/core';
import '../index.ts';
import { withoutWeights } from '../checks/preflight.ts';
import { stages, type Stage } from '../stages/stage.ts';
import { checkRehearsed } from './rehearsal-checks.ts';
import { loadRehearsal } from './stand-ins.ts';

const FOLDER = resolve(import.meta.dirname, '../../../experiments');
/** What others extend, and what is no experiment alone. */
const PARTS = ['paper-report.yaml'];

/** What experiments are warned of, as they ask for it: the paper's, and the quickstart, whose comment says why. */
const WARNINGS: readonly [RegExp, unknown][] = [
  [
    /^paper/,
    'The metric lpipsVgg and losses of invert and fuse use the same feature extractor, vgg16: it favours Inverted and Ours.',
  ],
  [/^quickstart/, expect.stringMatching(/^networks\.encoder: f is no bottleneck: it enters at 16x16 of 64x64/)],
];

describe('an experiment of this repository is valid, whatever data and weights are missing', () => {
  test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && !PARTS.includes(name)))('%s', (name) => {
    const rehearsed = loadRehearsal(join(FOLDER, name), { set: [] });
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };
    try {
      expect(() => checkRehearsed(rehearsed, log)).not.toThrow();
      expect(warnings).toEqual(WARNINGS.filter(([names]) => names.test(name)).map(([, warning]) => warning));
    } finally {
      rehearsed.end();
    }
  });
});

test.each(['smoke.yaml', 'table1-smoke.yaml'])('a stage of %s says the same before it is made and after', (name) => {
  const { experiment, end } = loadRehearsal(join(FOLDER, name), { set: [] });
  const log = { info: () => {}, warn: () => {} };
  const untrained = withoutWeights(experiment, new Container(experiment, { services: [[LOG, log]] }), log);
  const names = [...experiment.entries('stages').keys()];
  const before = names.map((stage) => stages.about(experiment.entry('stages', stage)).iterations);
  const after = names.map((stage) => untrained.get<Stage>('stages', stage).iterations);
  end();
  expect(names.length).toBeGreaterThan(0);
  expect(before).toEqual(after);
});
