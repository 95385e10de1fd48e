import { expect, test } from '@jest/globals';
import { describeOutcome } from './experiment-text.ts';

const COLUMNS = [{ name: 'lpips', better: 'lower', digits: 2 }] as const;

function restoreLine(...rows: readonly (readonly [string, number])[]): string {
  const results = { columns: COLUMNS, rows: rows.map(([method, value]) => ({ method, values: [value] })), note: '' };
  return describeOutcome({ runDir: '/my runs/a', tracking: [], results, stages: [] }).at(-1)!;
}

test('the last line of a run restores a photograph, with the best method of the first column', () => {
  expect(restoreLine(['input', 0.5], ['A', 0.4], ['B', 0.3])).toMatch(
    /^Restore +(yarn restore|npm run -s restore --) photo\.jpg --run '\/my runs\/a' --method B --output restored$/,
  );
  expect(restoreLine(['input', 0.1], ['A', 0.4], ['B', 0.3])).toContain(' --method A ');
});

test('a run of one method needs no name, and one without results has no such line', () => {
  expect(restoreLine(['input', 0.5], ['A', 0.4])).not.toContain('--method');
  const lines = describeOutcome({ runDir: '/a', tracking: [], results: undefined, stages: [] });
  expect(lines.join('\n')).not.toMatch(/Restore|Try it/);
});
