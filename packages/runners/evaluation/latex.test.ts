import { expect, test } from '@jest/globals';
import { toLatex } from './latex.ts';
import type { Results } from './results.ts';

const results: Results = {
  columns: [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'lpips_substitute', better: 'lower', digits: 4 },
  ],
  rows: [
    { method: 'input', values: [20, 0.5] },
    { method: 'A_1 & B', values: [25.126, 0.2], cost: { parameters: 1234, images: 640, seconds: 61 } },
    { method: '100 % {\\x}', values: [26, NaN], cost: { parameters: 2, images: undefined, seconds: 1 } },
  ],
  note: 'Mean over 3 images of "test_set".',
};

test('table.tex marks best and second best, states costs and has no live special characters', () => {
  const lines = toLatex(results, 'my exp_1').split('\n');
  expect(lines).toContain('    input & 20.00 & 0.5000 & -- & -- & -- \\\\');
  expect(lines).toContain('    A\\_1 \\& B & \\underline{25.13} & \\textbf{0.2000} & 1.23 k & 640 & 1 min 01 s \\\\');
  expect(lines).toContain('    100 \\% \\{\\textbackslash{}x\\} & \\textbf{26.00} & NaN & 2 & unknown & 1 s \\\\');
  expect(lines.join('\n')).toContain('Method & psnr $\\uparrow$ & lpips\\_substitute $\\downarrow$');
  expect(lines.join('\n')).toContain('\\begin{tabular}{lrrrrr}');
  expect(lines.join('\n')).toContain('"test\\_set"');
  expect(lines.join('\n')).toContain('\\label{tab:my-exp-1}');
});

test('table.tex is a table of booktabs', () => {
  const rows = [{ method: 'input', values: [5] }, { method: 'A~^–×λ', values: [-1] }, ...[20, 10].map(other)];
  const columns = results.columns.slice(0, 1);
  expect(toLatex({ columns, rows, note: 'Note.', remarks: ['One.', 'Two.'] }, 'a.b:c-D')).toBe(
    [
      '% Needs \\usepackage{booktabs}.',
      '\\begin{table}',
      '  \\centering',
      '  \\begin{tabular}{lr}',
      '    \\toprule',
      '    Method & psnr $\\uparrow$ \\\\',
      '    \\midrule',
      '    input & 5.00 \\\\',
      '    A\\textasciitilde{}\\textasciicircum{}--$\\times$$\\lambda$ & -1.00 \\\\',
      '    M20 & \\textbf{20.00} \\\\',
      '    M10 & \\underline{10.00} \\\\',
      '    \\bottomrule',
      '  \\end{tabular}',
      '  \\caption{Note. One. Two. Best in bold, second best underlined.}',
      '  \\label{tab:a-b:c-D}',
      '\\end{table}',
      '',
    ].join('\n'),
  );
});

function other(value: number) {
  return { method: `M${value}`, values: [value] };
}
