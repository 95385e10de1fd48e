import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseCsv, toCsvText } from './csv.ts';

test('what a spreadsheet would run is a text, what is a number stays one', () => {
  const names = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', "it's", "a'=b'-c", 'a.png'];
  const text = toCsvText([['image', 'kid'], ...names.map((name) => [name, -0.5])]);
  expect(text.split('\n').slice(1, 5)).toEqual([
    `"'=HYPERLINK(""http://x"")",-0.5`,
    "'+1,-0.5",
    "'-1,-0.5",
    "'@SUM(A1),-0.5",
  ]);
  for (const line of text.split('\n')) expect(line).not.toMatch(/^"?[=+\-@\t\r＝]/);
  expect(parseCsv(text).slice(1)).toEqual(names.map((name) => [name, '-0.5']));
});

test('a table is read as it was written', () => {
  const cell = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.double({ noNaN: true }));
  const ours = (value: string | number) =>
    typeof value === 'number' || !/^'[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(value);
  fc.assert(
    fc.property(fc.array(fc.tuple(cell.filter(ours), cell.filter(ours)), { minLength: 1 }), (rows) => {
      expect(parseCsv(toCsvText(rows))).toEqual(rows.map((row) => row.map(String)));
    }),
  );
});
