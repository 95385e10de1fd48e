import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { bestRows, type Results } from './results.ts';
import { toCsv, toMarkdown, toText } from './table.ts';

const results: Results = {
  columns: [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'lpips', better: 'lower', digits: 4 },
  ],
  rows: [
    { method: 'input', values: [30, 0.01] },
    { method: 'A', values: [25.123456789, 0.2] },
    { method: 'B, C', values: [26, NaN] },
  ],
  note: 'Mean over 3 images.',
};

test('the input does not compete, nor does what is not finite', () => {
  expect(bestRows(results)).toEqual([2, 1]);
});

test('results.csv keeps full precision and quotes names', () => {
  expect(parse(toCsv(results), { columns: true })).toEqual([
    { method: 'input', psnr: '30', lpips: '0.01' },
    { method: 'A', psnr: '25.123456789', lpips: '0.2' },
    { method: 'B, C', psnr: '26', lpips: 'NaN' },
  ]);
});

test('table.md has the best values in bold', () => {
  expect(toMarkdown(results)).toBe(
    [
      '| method | psnr ↑ | lpips ↓ |',
      '|---|---:|---:|',
      '| input | 30.00 | 0.0100 |',
      '| A | 25.12 | **0.2000** |',
      '| B, C | **26.00** | NaN |',
      '',
      'Mean over 3 images.',
      '',
    ].join('\n'),
  );
});

test('the table for a terminal is aligned and marks the best', () => {
  const lines = stripVTControlCharacters(toText(results)).split('\n');
  const psnr = (line: string) => line.indexOf('.');
  expect(new Set(lines.slice(2, 5).map(psnr)).size).toBe(1);
  expect(lines[4]).toContain('26.00*');
});
