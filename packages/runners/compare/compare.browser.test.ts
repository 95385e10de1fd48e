import { mkdtempSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { SCHEMES } from '../report/testing/browser.ts';
import { testFitAndAccessible, expectImages, inBrowser, TestBrowser } from '../report/testing/browser.ts';
import { compareRuns } from './compare-runs.ts';
import { readRuns } from './read-run.ts';
import { drawnRun } from './testing/drawn-runs.ts';
import { writePage } from './write-page.ts';

jest.setTimeout(60_000);

const WIDTHS = [375, 1280];
/** More than the page shows curves of. */
const VARIANTS = 10;

inBrowser('a comparison in Chromium', () => {
  let browser: TestBrowser;
  let file: string;

  beforeAll(async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'comparison-')));
    const runs: string[] = [];
    for (let v = 0; v < VARIANTS; v++) {
      for (const seed of [0, 1]) runs.push(await drawnRun(folder, { name: `v${v}`, seed, width: 16 + v, gain: v / 4 }));
    }
    runs.push(await drawnRun(folder, { name: 'blurred', width: 99, blur: 1 }));
    const names = new Map([[runs[2]!, '<script>alert(1)</script> a rather long name of a variant']]);
    file = await writePage(compareRuns(readRuns(runs), names), 'drawn', join(folder, 'page.html'));
    browser = await TestBrowser.launch();
  });

  afterAll(() => browser.close());

  const open = (scheme?: (typeof SCHEMES)[number], width?: number): Promise<Page> => browser.open(file, scheme, width);

  test('needs nothing but itself, shows every image, runs no text as a script', async () => {
    const page = await open();
    await expect(page.locator('img').count()).resolves.toBeGreaterThan(40);
    await expectImages(page);
    expect(browser.trouble).toEqual([]);
    expect(statSync(file).size).toBeLessThan(1e6);
    await page.context().close();
  });

  testFitAndAccessible(open, WIDTHS);

  test('has what differs beside the means, deviations and differences, and says why some are missing', async () => {
    const page = await open();
    const row = page.locator('details', { hasText: 'Ours' }).locator('tbody tr').nth(4);
    const cells = (await row.locator('td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    // By construction: 1 dB more than the base, of which another seed has 0.1 more; sd = 0.1 / sqrt(2).
    expect(cells[0]).toBe('networks.net.width 16 20');
    expect(cells[1]).toMatch(/ ± 0\.07 \+1\.00 \[\+1\.00, \+1\.00\] better$/);
    expect(cells[2]).toMatch(/ −0\.0100 \[−0\.0100, −0\.0100\] better$/);
    expect(cells.at(-1)).toBe('0, 1');
    await expect(page.locator('.remarks').innerText()).resolves.toContain('is degraded in another way');
    await expect(page.locator('details', { hasText: 'NAFNet' }).first().innerText()).resolves.not.toContain(
      'the same in all',
    );
    await page.context().close();
  });

  test('the divider shows two variants of an image by the chosen method', async () => {
    const page = await open();
    const sources = () =>
      Promise.all(['left', 'right'].map((side) => page.locator(`#slider-${side}`).getAttribute('src')));
    const before = await sources();
    expect(before[0]).not.toBe(before[1]);
    await page.getByLabel('Method', { exact: true }).selectOption('NAFNet');
    const after = await sources();
    expect(after.some((source) => before.includes(source))).toBe(false);
    await page.getByLabel('Right', { exact: true }).selectOption('input');
    await expect(page.locator('#slider-right').getAttribute('alt')).resolves.toBe(
      'input of image 1, NAFNet, on the right',
    );
    await page.getByLabel('Divider between').focus();
    await page.keyboard.press('n');
    await page.keyboard.press('ArrowRight');
    await expect(page.getByLabel('Image', { exact: true }).inputValue()).resolves.toBe('1');
    expect((await sources())[0]).not.toBe(after[0]);
    await page.context().close();
  });

  test('curves lie over each other; a box hides those of a variant; what is shared is one line', async () => {
    const page = await open();
    const shared = page.locator('details.curves', { hasText: 'shared' });
    await expect(shared.locator('.line').count()).resolves.toBe(2); // loss and validation
    const loss = page.locator('details.curves', { hasText: 'own' }).locator('.chart', { hasText: 'loss' }).first();
    await expect(loss.locator('.line').count()).resolves.toBe(16); // 8 variants of 10, 2 seeds
    await expect(page.locator('#curves').innerText()).resolves.toContain('curves of 3 variants are left out');
    await loss.scrollIntoViewIfNeeded();
    const box = (await loss.locator('svg').boundingBox())!;
    const point = () => page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.7);
    await point();
    await expect(loss.locator('output').innerText()).resolves.toMatch(/^\S.* · seed [01]: \S+ at \d+$/);
    const visible = () =>
      loss.locator('.line').evaluateAll((all) => all.filter((line) => line.getClientRects().length > 0).length);
    await expect(visible()).resolves.toBe(16);
    await page.getByLabel('base', { exact: true }).focus();
    await page.keyboard.press('Space');
    await expect(visible()).resolves.toBe(14);
    await page.context().close();
  });
});
