import { describe, expect, test } from '@jest/globals';
import { ConfigError, Findings, type Finding } from './findings.ts';
import { showPlace, Source } from './source.ts';

const source = new Source('a.yaml', 'name: x\nseed: -1\n\tflip: no\r\nlast', '/folder');
const at = (start: number, end = start + 1, of = source) => ({ source: of, start, end });
const said = (...findings: Finding[]) => new ConfigError(findings).message.split('\n');

describe('a source', () => {
  test('counts lines and columns from 1', () => {
    expect([0, 6, 7, 8, 31].map((offset) => source.position(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 7 },
      { line: 1, column: 8 },
      { line: 2, column: 1 },
      { line: 4, column: 4 },
    ]);
    expect([1, 2, 4, 5].map((line) => source.start(line))).toEqual([0, 8, 28, 32]);
  });

  test('has lines without their ends', () => {
    expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(['name: x', 'seed: -1', '\tflip: no', 'last', '']);
    expect(new Source('a.yaml', 'a\rb\n\n', '/').line(1)).toBe('a\rb');
    expect(new Source('a.yaml', 'a\n\nb', '/').line(2)).toBe('');
  });

  test('masks what is hidden, and nothing of other lines', () => {
    const hiding = new Source('a.yaml', 'a: secret x\nb: more', '/');
    hiding.hide(3, 9);
    expect([hiding.shown(1), hiding.shown(2)]).toEqual(['a: ****** x', 'b: more']);
    hiding.hide(10, 13);
    expect([hiding.shown(1), hiding.shown(2)]).toEqual(['a: ****** *', '*: more']);
  });

  test('names a place by line and column, that of --set by its character', () => {
    expect(showPlace(at(14))).toBe('a.yaml:2:7');
    expect(showPlace(at(4, 5, new Source('--set #1', 'seed=x', '/', false)))).toBe('--set #1, character 5');
  });
});

describe('a message', () => {
  test('shows the line, and all that is known, each in a line', () => {
    const finding = { place: at(14, 16), message: 'wrong', found: '-1', allowed: 'at least 0', hint: 'drop the "-"' };
    expect(said(finding)).toEqual([
      'a.yaml:2:7: wrong',
      '    |',
      '  2 | seed: -1',
      '    |       ^^',
      '    = found: -1',
      '    = allowed: at least 0',
      '    = hint: drop the "-"',
    ]);
  });

  test('about a whole file, or about nothing in particular, shows no line', () => {
    expect(said({ file: 'b.yaml', message: 'empty', hint: 'write it' })).toEqual(['b.yaml: empty', '  hint: write it']);
    expect(said({ message: 'empty' })).toEqual(['empty']);
  });

  test('shows a tab as an arrow, and carets up to the end of the line, at least one', () => {
    expect(said({ place: at(17, 30), message: 'a tab' }).slice(2)).toEqual(['  3 | →flip: no', '    | ^^^^^^^^^']);
    expect(said({ place: at(7, 7), message: 'end' }).slice(2)).toEqual(['  1 | name: x', '    |        ^']);
  });

  // 110 characters of a line are shown, from 30 before the place.
  test.each([
    ['of 110 characters whole', 110, [0, 5], [1, 110], ['', ''], [0, 5]],
    ['of 111 from its start', 111, [0, 5], [1, 110], ['', '…'], [0, 5]],
    ['of 111 to its end', 111, [105, 111], [2, 111], ['…', ''], [105, 6]],
    ['of 200 around the place', 200, [99, 109], [71, 180], ['…', '…'], [30, 10]],
    ['with no more carets than it shows', 300, [99, 249], [71, 180], ['…', '…'], [30, 81]],
  ] as const)('shows a line %s', (_, length, [start, end], [first, last], [before, after], [blanks, carets]) => {
    const text = Array.from({ length }, (__, i) => String.fromCharCode(97 + (i % 26))).join('');
    const long = new Source('a.yaml', text, '/');
    expect(said({ place: at(start, end, long), message: 'x' }).slice(2)).toEqual([
      `  1 | ${before}${text.slice(first - 1, last)}${after}`,
      `    | ${' '.repeat(blanks)}${'^'.repeat(carets)}`,
    ]);
  });
});

describe('several findings', () => {
  const set = new Source('--set #1', 'seed=x', '/', false);
  const other = new Source('b.yaml', 'x: 1', '/');

  test('are sorted by file as these are mentioned, --set last, then by place; and counted if there are several', () => {
    const findings = [
      { place: at(5, 6, set), message: 'set' },
      { place: at(14), message: 'second' },
      { place: at(0, 1, other), message: 'other' },
      { place: at(0), message: 'first' },
    ];
    expect(said(...findings).filter((line) => /: (set|second|other|first)$/.test(line))).toEqual([
      'a.yaml:1:1: first',
      'a.yaml:2:7: second',
      'b.yaml:1:1: other',
      '--set #1, character 6: set',
    ]);
    expect(said(...findings).slice(-2)).toEqual(['', '4 problems in the experiment.']);
    expect(said(findings[0]!).join()).not.toContain('problem');
  });

  test('are one only if place, words and value are the same', () => {
    const one = { place: at(0), path: 'a.x', message: 'a.x is wrong', found: '1' };
    const also = { ...one, path: 'b.x', message: 'b.x is wrong' };
    const { problems } = new ConfigError([one, also, { ...one, found: '2' }, { ...one, place: at(14) }]);
    expect(problems.map(({ line, found }) => [line, found])).toEqual([
      [1, '1'],
      [1, '2'],
      [2, '1'],
    ]);
    expect(said(one, also, { ...also, path: 'c.x', message: 'c.x is wrong' }).at(-1)).toBe('    = also: b.x, c.x');
    expect(said({ place: at(0), message: 'x' }, { place: at(0), message: 'y' }).at(-1)).toMatch(/^2 problems/);
  });

  test('are problems for programs', () => {
    const details = ['a', 'b'];
    const place = at(14);
    const findings = [{ place, message: 'wrong', hint: 'so', found: '1', allowed: '2', details }, { message: 'none' }];
    expect(new ConfigError(findings).problems).toEqual([
      { file: 'a.yaml', line: 2, column: 7, message: 'wrong (so)', found: '1', allowed: '2', details },
      { file: null, line: null, column: null, message: 'none', found: null, allowed: null },
    ]);
    expect(new ConfigError([{ file: 'b.yaml', message: 'empty' }]).problems).toMatchObject([{ file: 'b.yaml' }]);
  });

  test('are thrown at once only where something cannot be seen', () => {
    const findings = new Findings();
    expect(() => findings.throwIfAny()).not.toThrow();
    findings.add({ message: 'one' });
    expect(() => findings.throwIfLost()).not.toThrow();
    findings.lose({ message: 'two' });
    expect(() => findings.throwIfLost()).toThrow(/one[^]*two[^]*2 problems/);
    expect(() => findings.throwIfAny()).toThrow(ConfigError);
  });
});
