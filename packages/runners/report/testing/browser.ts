import { describe, expect, test } from '@jest/globals';
import { cacheFolder } from '@dualprior/core';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findBrowser } from '../../../../tools/setup/browser.mjs';

const program = findBrowser(cacheFolder());
if (!program) process.stderr.write('Pages are not looked at: no browser (npm run setup -- --browser)\n');

/** `describe`, skipped where no browser is installed. */
export const inBrowser = program ? describe : describe.skip;

export const SCHEMES = ['light', 'dark'] as const;

/** Chromium without a window. */
export class TestBrowser {
  /** What went wrong in pages, and what they asked the network for. */
  readonly trouble: string[] = [];

  private constructor(private readonly browser: Browser) {}

  /** @param flags of Chromium */
  static async launch(flags: readonly string[] = []): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ ...program!, args: ['--no-sandbox', ...flags] }));
  }

  /**
   * A file or an address, in a window of its own.
   * @param prepare is given the window before it shows anything
   */
  async open(
    place: string,
    colorScheme: (typeof SCHEMES)[number] = 'light',
    width = 1280,
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<Page> {
    const address = place.startsWith('http:') ? place : `file://${place}`;
    const own = new URL(address).origin;
    const context = await this.browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => this.trouble.push(message));
    page.on('console', (message) => message.type() === 'error' && this.trouble.push(message.text()));
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (!['data:', 'blob:', 'file:'].includes(protocol) && origin !== own)
        this.trouble.push(`asks for ${request.url()}`);
    });
    await prepare?.(page);
    await page.goto(address);
    return page;
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

/** The page, all that is folded shown, is no wider than its window, and axe finds nothing that keeps users out. */
export async function expectFitAndAccessible(page: Page): Promise<void> {
  const { width } = page.viewportSize()!;
  await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
  await expect(page.evaluate('document.documentElement.scrollWidth')).resolves.toBeLessThanOrEqual(width);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

/** Tests that a page is so in light and dark, and in windows of these widths. */
export function testFitAndAccessible(
  open: (scheme: (typeof SCHEMES)[number], width: number) => Promise<Page>,
  widths: readonly number[],
): void {
  test.each(SCHEMES.flatMap((scheme) => widths.map((width) => [scheme, width] as const)))(
    'is as wide as the window and accessible, %s, %d pixels',
    async (scheme, width) => {
      const page = await open(scheme, width);
      await expectFitAndAccessible(page);
      await page.context().close();
    },
  );
}

/** Every image of the page is shown and has a text. Errors: an image cannot be decoded. */
export async function expectImages(page: Page): Promise<void> {
  const broken = await page.locator('img').evaluateAll(async (all) => {
    const shown = all as unknown as { decode(): Promise<void>; naturalWidth: number; alt: string; id: string }[];
    await Promise.all(shown.map((image) => image.decode()));
    return shown.filter(({ naturalWidth, alt }) => naturalWidth === 0 || alt === '').map(({ id }) => id);
  });
  expect(broken).toEqual([]);
}
