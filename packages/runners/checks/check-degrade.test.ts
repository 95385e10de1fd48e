import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError, Container, loadExperiment, LOG } from '@dualprior/core';
import '../index.ts';
import { checkDegrade } from './check-degrade.ts';

const experiments = resolve(import.meta.dirname, '../../../experiments');

/** What is wrong, each with its place, and what is warned of. */
function found(file: string, ...set: string[]): { readonly wrong: string[]; readonly warnings: string[] } {
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };
  const experiment = loadExperiment(resolve(experiments, file), { set: ['runtime.degrade=device', ...set] });
  try {
    checkDegrade(experiment, new Container(experiment, { services: [[LOG, log]] }), log);
    return { wrong: [], warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { wrong: error.problems.map(({ file: at, line, message }) => `${at}:${line}: ${message}`), warnings };
  }
}

test('a device computes motion blur', () => {
  expect(found('dual-prior-smoke.yaml')).toEqual({ wrong: [], warnings: [] });
});

test('other degradations are refused with the stage whose images they are of', () => {
  const { wrong } = found('smoke.yaml', 'degradations.blur=null', 'degradations.blur={type: jpeg}');
  expect(wrong).toHaveLength(2);
  expect(wrong[0]).toMatch(
    /smoke\.yaml:\d+: stages\.nafnet\.data: runtime\.degrade is device, but .*`motion-blur` alone, and "train" has another/,
  );
});

test('so are several', () => {
  const several = ['degradations.then={type: noise}', 'data.train.degradation=[blur, then]'];
  expect(found('smoke.yaml', ...several).wrong).toHaveLength(2); // of two stages
  expect(found('smoke.yaml', ...several, 'runtime.degrade=host').wrong).toEqual([]);
});

test('where nothing is degraded, a line says so', () => {
  expect(found('gan-smoke.yaml')).toEqual({
    wrong: [],
    warnings: ['runtime.degrade: device does nothing: no stage degrades training images.'],
  });
});
