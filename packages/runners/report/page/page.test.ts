import { expect, test } from '@jest/globals';
import { ticks } from './chart.ts';
import { html, json, raw } from './html.ts';

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
