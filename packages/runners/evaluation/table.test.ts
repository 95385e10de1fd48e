import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { bestRows, infiniteRemarks, secondRows, type Results } from './results.ts';
import { showMetric, toCsv, toMarkdown, toText } from './table.ts';

const results: Results = {
  columns: [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'lpips', better: 'lower', digits: 4 },
  ],
  rows: [
    { method: 'input', values: [20, 0.5] },
    { method: 'A', values: [25.123456789, 0.2] },
    { method: 'B, C', values: [26, NaN] },
  ],
  note: 'Mean over 3 images.',
};

test('the input does not compete, nor does what is not finite or worse than the input', () => {
  expect(bestRows(results)).toEqual([2, 1]);
  expect(secondRows(results)).toEqual([1, undefined]);
  const blurred = (...values: number[]) => [{ method: 'input', values }, ...results.rows.slice(1)];
  expect(bestRows({ ...results, rows: blurred(25.5, 0.1) })).toEqual([2, undefined]);
  expect(secondRows({ ...results, rows: blurred(25.5, 0.1) })).toEqual([undefined, undefined]);
  expect(bestRows({ ...results, rows: blurred(Infinity, NaN) })).toEqual([2, 1]);
});

test('results.csv keeps full precision and quotes names', () => {
  expect(parse(toCsv(results), { columns: true })).toEqual([
    { method: 'input', psnr: '20', lpips: '0.5' },
    { method: 'A', psnr: '25.123456789', lpips: '0.2' },
    { method: 'B, C', psnr: '26', lpips: 'NaN' },
  ]);
});

test('results.csv counts infinite values in a column of their own, and a line under the table tells of them', () => {
  const rows = results.rows.map((row, r) => (r === 1 ? { ...row, infinite: { psnr: 3 } } : row));
  expect(toCsv({ ...results, rows }).split('\n')[0]).toBe('method,psnr,lpips,psnr_infinite');
  const counts = parse(toCsv({ ...results, rows }), { columns: true }) as Record<string, string>[];
  expect(counts.map((row) => row['psnr_infinite'])).toEqual(['0', '3', '0']);
  expect(infiniteRemarks({ ...results, rows })).toEqual([
    'psnr leaves out images that equal the sharp one, of which it is infinite: 3 of A.',
  ]);
  expect(infiniteRemarks(results)).toEqual([]);
  const columns = results.columns.map((column) => ({ ...column, infiniteOf: 'images without structure' }));
  expect(infiniteRemarks({ columns, rows })[0]).toContain('psnr leaves out images without structure, of which');
});

test('table.md has the best values in bold', () => {
  expect(toMarkdown(results)).toBe(
    [
      '| method | psnr ↑ | lpips ↓ |',
      '|---|---:|---:|',
      '| input | 20.00 | 0.5000 |',
      '| A | 25.12 | **0.2000** |',
      '| B, C | **26.00** | NaN |',
      '',
      'Mean over 3 images.',
      '',
    ].join('\n'),
  );
});

test('tables say what each row cost, and what a reader must know', () => {
  const rows = results.rows.map((row) =>
    row.method === 'A' ? { ...row, cost: { parameters: 29_160_515, images: 320_000, seconds: 7260 } } : row,
  );
  const text = toMarkdown({ ...results, rows, remarks: ['One.', 'Two.'] });
  expect(text).toContain(
    '| method | psnr ↑ | lpips ↓ | parameters | images seen | training |\n|---|---:|---:|---:|---:|---:|',
  );
  expect(text).toContain('| input | 20.00 | 0.5000 | – | – | – |');
  expect(text).toContain('| A | 25.12 | **0.2000** | 29.2 M | 0.32 M | 2 h 01 min |');
  expect(text).toMatch(/images\.\n\n- One\.\n- Two\.\n$/);
  expect(stripVTControlCharacters(toText({ ...results, remarks: ['One.'] }))).toMatch(/images\.\n- One\.$/);
});

test('of three methods by columns of both kinds; the first of two equal ones is the better', () => {
  const values = { A: [3, 3], B: [1, 1], C: [2, 2], D: [3, 1] };
  const rows = Object.entries(values).map(([method, each]) => ({ method, values: each }));
  const four = { ...results, rows: [{ method: 'input', values: [0, 9] }, ...rows] };
  expect([bestRows(four), secondRows(four)]).toEqual([
    [1, 2],
    [4, 4],
  ]);
  const open = { ...results, rows: [{ method: 'A', values: [Infinity, -Infinity] }] };
  expect([bestRows(open), secondRows(open)]).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('infinite values are reported for each method that has some, column by column', () => {
  const rows = results.rows.map((row, r) => ({ ...row, infinite: [{}, { lpips: 1 }, { psnr: 2, lpips: 4 }][r]! }));
  expect(infiniteRemarks({ ...results, rows })).toEqual([
    'psnr leaves out images that equal the sharp one, of which it is infinite: 2 of B, C.',
    'lpips leaves out images that equal the sharp one, of which it is infinite: 1 of A, 4 of B, C.',
  ]);
  expect(toCsv({ ...results, rows })).toBe(
    'method,psnr,lpips,psnr_infinite,lpips_infinite\ninput,20,0.5,0,0\nA,25.123456789,0.2,0,1\n"B, C",26,NaN,2,4\n',
  );
});

test('a value has the digits of its column; one that is not finite is named', () => {
  expect([1.005, Infinity, -Infinity, NaN].map((value) => showMetric(value, { digits: 1 }))).toEqual([
    '1.0',
    'Infinity',
    '-Infinity',
    'NaN',
  ]);
});

test('the table for a terminal has a rule under its head and its end, and says what the star means', () => {
  const lines = stripVTControlCharacters(toText(results)).split('\n');
  const rule = '─'.repeat(26);
  expect(lines).toEqual([
    'method  psnr ↑   lpips ↓',
    rule,
    'input    20.00    0.5000',
    'A        25.12    0.2000*',
    'B, C     26.00*      NaN',
    rule,
    '* best of the methods. Mean over 3 images.',
  ]);
});

test('the table for a terminal has at most ten lines of notes, and says where the others are', () => {
  const notes = (count: number) => {
    const remarks = Array.from({ length: count }, (_, i) => `Remark ${i + 1}.`);
    return stripVTControlCharacters(toText({ ...results, remarks }))
      .split('\n')
      .slice(6);
  };
  expect(notes(9).at(-1)).toBe('- Remark 9.');
  expect(notes(12)).toHaveLength(10);
  expect(notes(12).slice(-2)).toEqual(['- Remark 8.', '… 4 more notes are in report.html and table.md.']);
});

test('the table for a terminal is aligned and marks the best', () => {
  const lines = stripVTControlCharacters(toText(results)).split('\n');
  const psnr = (line: string) => line.indexOf('.');
  expect(new Set(lines.slice(2, 5).map(psnr)).size).toBe(1);
  expect(lines[4]).toContain('26.00*');
});
