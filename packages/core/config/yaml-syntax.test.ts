import { expect, test } from '@jest/globals';
import { Findings } from './findings.ts';
import { toValue } from './node.ts';
import { Source } from './source.ts';
import { parseYaml } from './yaml.ts';

/** What is said of a text that is no YAML. */
function findings(text: string) {
  const all = new Findings();
  const source = new Source('a.yaml', text, '/');
  parseYaml(source, all);
  return all.all.map(({ place, message, hint }) => {
    const { line, column } = source.position(place!.start);
    return [`${line}:${column} ${message}`, hint];
  });
}

test.each([
  [
    'name: a: b',
    '1:7 not valid YAML: a key and its value stand where a value is already written',
    'a text that contains ": " must stand in quotes',
  ],
  [
    'seed:1\nname: x',
    '1:1 not valid YAML: a text that is not followed by ":" stands where a key is expected',
    'is a space missing after ":"?',
  ],
  ['a: 1\n---\nb: 2', '2:1 not valid YAML: a second document ("---"); an experiment is one document', undefined],
  ['a:\n    b: 1\n  c: 2', '3:1 not valid YAML: the indentation does not fit the lines above', undefined],
  ['a: "x\n', '2:1 not valid YAML: a quotation mark is not closed', undefined],
  ["a: 'x\n", '2:1 not valid YAML: a quotation mark is not closed', undefined],
  ['a: }', '1:4 not valid YAML: an unexpected flow-map-end', undefined],
  ['a: [1] b', '1:8 not valid YAML: an unexpected scalar', undefined],
  ['a:\n\t  b: 1', '2:1 a tab at 2:1; YAML indents with spaces', 'put two spaces in its place'],
  ['a: *', '1:4 not valid YAML: alias cannot be an empty string', undefined],
  ['a:\n\tb: 1', '2:1 a tab at 2:1; YAML indents with spaces', 'put two spaces in its place'],
])('%j is reported in plain words', (text, message, hint) => {
  expect(findings(text)[0]).toEqual([message, hint]);
});

test('all tabs of the line are shown', () => {
  const all = new Findings();
  parseYaml(new Source('a.yaml', 'a:\n  \t\tb: 1', '/'), all);
  expect(all.all).toMatchObject([{ place: { start: 5, end: 7 } }]);
});

test.each([
  ['a: [1, 2\nb: 3', /a "\[" is not closed with "\]"/],
  ['a: {b: 1\nc: 3', /a "\{" is not closed with "\}"/],
])('%j names the bracket', (text, message) => {
  expect(findings(text)[0]![0]).toMatch(message);
});

test('aliases of aliases that stand for too many values are nothing, and one mistake', () => {
  const lists = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
  for (const [of, name] of ['ab', 'bc', 'cd', 'de', 'ef']) {
    lists.push(`${name}: &${name} [${Array<string>(10).fill(`*${of}`).join(', ')}]`);
  }
  const all = new Findings();
  const source = new Source('a.yaml', lists.join('\n'), '/');
  const node = parseYaml(source, all)!;
  // d stands for 11,111 values, each list counted; e would for 111,111
  expect(toValue(node)).toMatchObject({ e: null, f: Array(10).fill(null) });
  expect(all.all.map(({ place, message }) => [source.position(place!.start).line, message])).toEqual([
    [5, 'this stands for more than 100000 values'],
  ]);
});
