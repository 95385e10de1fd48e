import { expect, test } from '@jest/globals';
import { Intervals } from '../../evaluation/intervals.ts';
import type { RunRecord } from '../report.ts';
import { ticks } from './axes.ts';
import { html, json, raw } from './html.ts';
import { tableSection } from './table-section.ts';

test('text is escaped, markup and lists of it are not', () => {
  const evil = `<img src=x onerror="a('b')">&`;
  expect(html`<b title="${evil}">${evil}</b>`.markup).toBe(
    '<b title="&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;">' +
      '&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;</b>',
  );
  expect(html`${[1, 'a'].map((item) => html`<i>${item}</i>`)}${false}${undefined}${raw('<hr>')}`.markup).toBe(
    '<i>1</i><i>a</i><hr>',
  );
});

test('JSON in a script element cannot end it', () => {
  const markup = json({ name: '</script><script>alert(1)</script>' }).markup;
  expect(markup).not.toContain('<');
  expect(JSON.parse(markup)).toEqual({ name: '</script><script>alert(1)</script>' });
});

test('ticks are round numbers inside the range', () => {
  expect(ticks(0, 10)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(ticks(0, 8)).toEqual([0, 2, 4, 6, 8]);
  expect(ticks(-0.11, 0.31)).toEqual([-0.1, 0, 0.1, 0.2, 0.3]);
  expect(ticks(28.31, 28.39)).toEqual([28.32, 28.34, 28.36, 28.38]);
  expect(ticks(5, 5)).toEqual([5]);
});

test('a run is ahead of the paper where its value is the better one, and behind where it is not', () => {
  const columns = [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'fid', better: 'lower', digits: 2 },
  ] as const;
  const rows = [
    { method: 'Ours', values: [29, 9] },
    { method: 'GPEN', values: [20, 16] },
    { method: 'HINet', values: [29, 40] },
  ];
  const record = { results: { columns, rows, note: '' }, intervals: new Intervals(new Map()) } as unknown as RunRecord;
  const paper = { psnr: 28.5, fid: 10 };
  const reference = { name: 'table 1', rows: { Ours: paper, GPEN: paper, HINet: { psnr: 29 } } };
  const { markup } = tableSection(record, reference)!.body;
  const differences = [...markup.matchAll(/class="difference (\w*)">([^<]+)</g)].map(([, side, text]) => [side, text]);
  expect(differences).toEqual([
    ['ahead', '+0.50'],
    ['ahead', '−1.00'],
    ['behind', '−8.50'],
    ['behind', '+6.00'],
    ['', '+0.00'],
  ]);
});
