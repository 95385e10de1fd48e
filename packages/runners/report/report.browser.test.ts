import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import type { Page } from 'playwright-core';
import '../index.ts';
import { ComparisonReport } from './comparison.ts';
import type { ComparisonSettings } from './page/settings.ts';
import { testFitAndAccessible, expectImages, inBrowser, SCHEMES, TestBrowser } from './testing/browser.ts';
import { drawnRecord } from './testing/drawn-record.ts';

jest.setTimeout(60_000);

const PAPER = resolve(import.meta.dirname, '../../../experiments/paper-report.yaml');
const SMOKE = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');
const WIDTHS = [390, 1280];

inBrowser('report.html in Chromium', () => {
  let browser: TestBrowser;
  let file: string;

  beforeAll(async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'report-page-')));
    const extended = join(folder, 'experiment.yaml');
    writeFileSync(extended, `extends: [${SMOKE}, ${PAPER}]`);
    const settings = loadExperiment(extended).config.report as unknown as ComparisonSettings;
    file = join(folder, 'report.html');
    writeFileSync(file, await new ComparisonReport(settings).page(await drawnRecord(folder)));
    browser = await TestBrowser.launch();
  });

  afterAll(async () => {
    await browser.close();
  });

  function open(scheme?: (typeof SCHEMES)[number], width?: number): Promise<Page> {
    return browser.open(file, scheme, width);
  }

  test('needs nothing but itself, shows every image, runs no text as a script', async () => {
    const page = await open();
    await expect(page.locator('img').count()).resolves.toBeGreaterThan(20);
    await expectImages(page);
    expect(browser.trouble).toEqual([]);
    await expect(page.locator('main').innerText()).resolves.toContain('A remark with <b>markup</b> & more.');
    await page.context().close();
  });

  testFitAndAccessible(open, WIDTHS);

  test('dark is dark and light is light', async () => {
    const [light, dark] = await Promise.all(
      SCHEMES.map(async (scheme) => {
        const page = await open(scheme);
        const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        await page.context().close();
        return Math.max(...colour.match(/\d+/g)!.map(Number));
      }),
    );
    expect(light).toBeGreaterThan(230);
    expect(dark).toBeLessThan(60);
  });

  test('marks best and second best, with the paper and the difference beside them', async () => {
    const page = await open();
    const row = page.locator('#results .results tbody tr', { has: page.locator('th', { hasText: 'Ours' }) });
    const psnr = (await row.locator('td').first().innerText()).replace(/\s+/g, ' ');
    expect(psnr).toMatch(/^2\d\.\d\d best 2\d\.\d\d – 2\d\.\d\d paper 28\.52 [−+]\d\.\d\d$/);
    const lpips = (await row.locator('td').nth(2).innerText()).replace(/\s+/g, ' ');
    expect(lpips).toMatch(/ paper 0\.30 other feature extractor$/);
    await expect(page.locator('.results .badge.second').count()).resolves.toBe(5);
    await expect(page.locator('.results tr.absent th').allInnerTexts()).resolves.toEqual([
      expect.stringMatching(/^GPEN/),
    ]);
    await page.context().close();
  });

  test('a wide window shows five metrics and the costs at once; a narrow one says that the table continues, and keeps the methods', async () => {
    const wide = await open('light', 1280);
    const sizes = (page: Page) =>
      page
        .locator('.scroll')
        .first()
        .evaluate((box) => {
          const { scrollWidth, clientWidth } = box as unknown as { scrollWidth: number; clientWidth: number };
          return { scrollWidth, clientWidth };
        });
    const { scrollWidth, clientWidth } = await sizes(wide);
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
    await expect(wide.locator('#results thead th').count()).resolves.toBe(9);
    await expect(wide.locator('.hint').first().isVisible()).resolves.toBe(false);
    await wide.context().close();

    const narrow = await open('light', 390);
    const [table, hint] = [narrow.locator('.scroll').first(), narrow.locator('.hint').first()];
    const method = narrow.locator('#results tbody th').last();
    const before = await method.boundingBox();
    await expect(hint.isVisible()).resolves.toBe(true);
    await table.evaluate((box) => ((box as unknown as { scrollLeft: number }).scrollLeft = 10_000));
    await hint.waitFor({ state: 'hidden' });
    await expect(method.boundingBox()).resolves.toEqual(before);
    await narrow.context().close();
  });

  test('arrows and verdicts are drawn, and arrows have words', async () => {
    const page = await open();
    const arrows = page.locator('#results thead .icon');
    const labels = await arrows.evaluateAll((all) => all.map((icon) => icon.getAttribute('aria-label')));
    expect(labels).toEqual(['higher', 'higher', 'lower', 'lower', 'lower'].map((way) => `${way} is better`));
    const widths = await page
      .locator('.icon')
      .evaluateAll((all) => all.map((icon) => icon.getBoundingClientRect().width));
    expect(Math.min(...widths)).toBeGreaterThan(8);
    expect(await page.locator('main').innerText()).not.toMatch(/[↑↓✓✗]/);
    await page.context().close();
  });

  test('has a line for each claim that says how it stands', async () => {
    const page = await open();
    const verdicts = await page.locator('#claims .claim .verdict').allInnerTexts();
    expect(verdicts.map((text) => text.trim())).toEqual([
      'C1 not decided',
      'C2 not decided',
      'C3 does not hold',
      'C4 holds',
      'C5 does not hold',
    ]);
    await expect(page.locator('.claim').first().innerText()).resolves.toContain('The table has no row GPEN');
    await page.context().close();
  });

  test('has a line over seeds for each claim, and means with deviations', async () => {
    const page = await open();
    const verdicts = await page.locator('#seeds .claim .verdict').allInnerTexts();
    expect(verdicts).toHaveLength(5);
    expect(verdicts[3]).toBe('C4 holds in 2 of 2 seeds');
    await expect(page.locator('#seeds tbody tr').last().locator('td').first().innerText()).resolves.toMatch(
      /^2\d\.\d\d ± 0\.00$/,
    );
    await page.context().close();
  });

  test('has figures 2, 4 and 5, each with the input inset, and says what is missing', async () => {
    const page = await open();
    await expect(page.locator('.pictures h3').allInnerTexts()).resolves.toEqual(['Figure 2', 'Figure 4', 'Figure 5']);
    await expect(page.locator('.pictures').nth(0).locator('thead th').allInnerTexts()).resolves.toEqual([
      'sharp (input)',
      'x_R',
      'x_G',
      'x_hat',
    ]);
    await expect(page.locator('.pictures').nth(1).locator('.truth .inset').count()).resolves.toBe(3);
    await expect(page.locator('.pictures').nth(2).locator('figcaption').innerText()).resolves.toContain(
      'Not in this run: GPEN.',
    );
    await page.context().close();
  });

  test('the divider follows the arrow keys and the mouse, the lists and N change what it divides', async () => {
    const page = await open();
    const divider = page.getByLabel('Divider between');
    const cut = () => page.evaluate(`getComputedStyle(document.getElementById('slider-left')).clipPath`);
    const source = (side: string) => page.locator(`#slider-${side}`).getAttribute('src');
    const before = await cut();
    await divider.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await expect(divider.inputValue()).resolves.toBe('55');
    await expect(divider.getAttribute('aria-valuetext')).resolves.toBe('55 % input, then Ours');
    await expect(cut()).resolves.not.toBe(before);

    const box = (await divider.boundingBox())!;
    await divider.click({ position: { x: box.width * 0.25, y: box.height * 0.8 } });
    expect(Number(await divider.inputValue())).toBeLessThan(30);

    const [left, right] = [await source('left'), await source('right')];
    await page.getByLabel('Right', { exact: true }).selectOption('HINet');
    await expect(source('left')).resolves.toBe(left);
    await expect(source('right')).resolves.not.toBe(right);
    await expect(page.locator('#slider-right').getAttribute('alt')).resolves.toBe('HINet of image 1, on the right');
    await divider.focus();
    await page.keyboard.press('n');
    await expect(page.getByLabel('Image', { exact: true }).inputValue()).resolves.toBe('1');
    await expect(source('left')).resolves.not.toBe(left);
    await page.keyboard.press('p');
    await expect(source('left')).resolves.toBe(left);
    await page.context().close();
  });

  test('curves are folded, without the flat ones; terms of a loss share a chart, with a key', async () => {
    const page = await open();
    const stage = page.locator('#curves details').first();
    await expect(stage.locator('.chart').first().isVisible()).resolves.toBe(false);
    await stage.locator('summary').click();
    await expect(stage.locator('.chart').count()).resolves.toBe(1);
    await expect(stage.locator('.key li').allInnerTexts()).resolves.toEqual(['loss', 'loss_l1']);
    await expect(stage.locator('.legend').innerText()).resolves.toBe('Constant: validation_psnr 20.');
    await page.context().close();
  });

  test('an address of a tracker is a link', async () => {
    const page = await open();
    const href = 'http://127.0.0.1:5000/#/experiments/1/runs/2';
    await expect(page.locator('#details dd a').getAttribute('href')).resolves.toBe(href);
    await page.context().close();
  });

  test('curves show the value under the pointer, and leave a gap where a value is not finite', async () => {
    const page = await open();
    await page.locator('#curves summary').first().click();
    const loss = page.locator('.chart', { hasText: 'loss' }).first();
    await loss.scrollIntoViewIfNeeded();
    const box = (await loss.locator('svg').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const step = Number(/^loss: .* at (\d+)$/.exec(await loss.locator('output').innerText())![1]);
    expect(step).toBeGreaterThan(3000);
    expect(step).toBeLessThan(7000);
    const path = await loss.locator('path').first().getAttribute('d');
    expect(path!.match(/M/g)).toHaveLength(2);
    await page.context().close();
  });

  test('its links lead to its sections', async () => {
    const page = await open();
    const links = await page.locator('nav a').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) await expect(page.locator(link).count()).resolves.toBe(1);
    await page.context().close();
  });
});
