import { expect, test } from '@jest/globals';
import { escapeEnvironment, fillEnvironment } from './environment.ts';
import { Source } from './source.ts';

const env = { ROOT: '/faces', NONE: '', NAME: 'a' };

function filled(text: string) {
  const place = { source: new Source('a.yaml', text, '/'), start: 0, end: text.length };
  const { findings, ...rest } = fillEnvironment(text, place, env);
  return { ...rest, findings: findings.map(({ message }) => message) };
}

test.each([
  ['plain', 'plain', false, false],
  ['${env:ROOT}/train', '/faces/train', true, true],
  ['images/${env:NAME}', 'images/a', true, false],
  ['images/${env:NAME}/${env:NAME}', 'images/a/a', true, false],
  ['${env:ROOT}/${env:NAME}', '/faces/a', true, true],
  ['${env:OTHER:-../shared}/x', '../shared/x', true, false],
  ['${env:OTHER:-}/x', '/x', true, false],
  ['${env:NONE:-b}', 'b', true, false],
  ['${env:NONE}', '', true, true],
  ['$${env:ROOT}', '${env:ROOT}', false, false],
])('%s is %j', (written, text, fromEnvironment, beginsWithVariable) => {
  expect(filled(written)).toEqual({ text, fromEnvironment, beginsWithVariable, findings: [] });
});

test('a variable that is not set is a mistake, and so is one in a default', () => {
  expect(filled('${env:OTHER}').findings).toEqual(['the environment variable OTHER is not set']);
  expect(filled('${env:}').findings).toEqual(['the environment variable (without a name) is not set']);
  expect(filled('${env:OTHER:-${env:ROOT}}').findings).toContain(
    'the default of an environment variable cannot hold another one',
  );
});

test('a variable that is not set is shown where it stands, with a default to give', () => {
  const text = 'a: ${env:ROOT}/${env:OTHER}/${env:}';
  const place = { source: new Source('a.yaml', text, '/'), start: 3, end: text.length };
  const found = fillEnvironment(text.slice(3), place, env).findings;
  expect(found.map(({ place: at, hint }) => [text.slice(at!.start, at!.end), hint])).toEqual([
    ['${env:OTHER}', 'set it, or give a default: ${env:OTHER:-default}'],
    ['${env:}', 'set it, or give a default: ${env:NAME:-default}'],
  ]);
  expect(found.map(({ variable }) => variable)).toEqual(['OTHER', '']);
  const behind = fillEnvironment('${env:OTHER}', { ...place, end: 4 }, env).findings[0]!.place!;
  expect([behind.start, behind.end]).toEqual([3, 4]); // the text does not stand there as it is, as after an alias
});

test('a text that is escaped is filled in as it was', () => {
  for (const text of ['${env:ROOT}/x', 'a', 'a ${env:NAME:-b} $${env:ROOT}']) {
    expect(filled(escapeEnvironment(text)).text).toBe(text);
  }
});
