import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Network } from '@dualprior/blocks';
import { catalogue, loadEngine, Parameters, Random, writeSafetensors } from '@dualprior/core';
import { stop } from 'esbuild';
import * as tf from '@tensorflow/tfjs-core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import '../index.ts';
import { Console } from '../console/console.ts';
import { expectFitAndAccessible, inBrowser, SCHEMES, TestBrowser } from '../report/testing/browser.ts';
import { methodOfWeights } from '../restore/open-weights.ts';
import { PictureRestorer } from '../restore/picture-restorer.ts';
import { restoreServer } from '../restore/serve/server.ts';
import { wavyPicture } from '../restore/testing/pictures.ts';
import { exportPage } from './export-page.ts';
import { servedPage } from './served-page.ts';
import { isWideGamut } from './page/wide-gamut.ts';

jest.setTimeout(120_000);

/** WebGPU and WebGL without a GPU. */
const FLAGS = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--ignore-gpu-blocklist',
];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

/** Small, with means over the whole image. */
const NAFNET = {
  width: 4,
  encoderBlocks: [1],
  middleBlocks: 1,
  decoderBlocks: [1],
  imageChannels: 3,
  depthwiseExpansion: 2,
  ffnExpansion: 2,
};

/** Any static server. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url!, 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    response.end(readFileSync(join(folder, path)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A drawn photograph as PNG. */
function photograph(width: number, height: number): Promise<Buffer> {
  return sharp(wavyPicture(width, height).data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Drops a file on the page. */
async function drop(page: Page, name: string, content: Uint8Array): Promise<void> {
  const bytes = JSON.stringify(Buffer.from(content).toString('base64'));
  const dataTransfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(${bytes}), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], ${JSON.stringify(name)}));
    return transfer;
  })()`);
  await page.dispatchEvent('.drop', 'drop', { dataTransfer });
}

/** What the page offers to save. */
async function savedFile(page: Page): Promise<Buffer> {
  await page.locator('#save').waitFor();
  const base64 = await page.evaluate<string>(`fetch(document.getElementById('save').href)
    .then((response) => response.arrayBuffer())
    .then((content) => btoa(Array.from(new Uint8Array(content), (byte) => String.fromCharCode(byte)).join('')))`);
  return Buffer.from(base64, 'base64');
}

/** Its colours, as RGB. */
async function saved(page: Page): Promise<Buffer> {
  const file = await savedFile(page);
  return sharp(file, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
}

function mostBetween(one: Uint8Array, other: Uint8Array): number {
  expect(one).toHaveLength(other.length);
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
}

/** Puts a script before that of the worker. */
function beforeWorker(script: string) {
  return (page: Page) =>
    page.route('**/worker.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${script};\n${await response.text()}` });
    });
}

inBrowser('the page that restores photographs, in Chromium', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'web-')));
  const weights = join(folder, 'drawn.safetensors');
  let browser: TestBrowser;
  let server: Server;
  let restorer: PictureRestorer;

  beforeAll(async () => {
    loadEngine('cpu');
    const network = new (catalogue.find('network', 'nafnet')!.create)(NAFNET) as Network;
    const drawn = new Parameters(network, new Random(0));
    const random = new Random(1).stream('weights');
    const state = [...drawn.stateDict()].map(([name, { shape, values }]) => {
      return [name, { shape, values: values.map((value) => value + random.uniform(-0.15, 0.15)) }] as const;
    });
    drawn.dispose();
    writeSafetensors(weights, new Map(state));
    restorer = new PictureRestorer(methodOfWeights(weights, 'cpu'));
    await exportPage({ weights, methods: [] }, join(folder, 'page'), new Console());
    server = await serve(join(folder, 'page'));
    browser = await TestBrowser.launch(FLAGS);
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    restorer.dispose();
    await stop();
  });

  /** What Node makes of it, in one piece. */
  async function ofNode(png: Uint8Array): Promise<Uint8Array> {
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const picture = { width: info.width, height: info.height, data: new Uint8Array(data), white: 255 };
    const restored = await restorer.restore(picture, { signal: new AbortController().signal, progress: () => {} });
    return Uint8Array.from(restored.data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  }

  test.each([
    ['webgpu', 'WebGPU', 37, 30, 'untiled'],
    ['webgl', 'WebGL', 37, 30, 'untiled'],
    ['wasm', 'WebAssembly', 150, 101, '2 tiles'],
  ])('%s: a photograph that is dropped is restored as in Node', async (backend, name, width, height, pieces) => {
    const page = await browser.open(`${addressOf(server)}?backend=${backend}`);
    await page.getByLabel('Tiles').selectOption('128');
    const png = await photograph(width, height);
    await drop(page, 'my face.jpeg.png', png);
    const [restored, expected] = [await saved(page), await ofNode(png)];
    expect(mostBetween(expected, await sharp(png).raw().toBuffer())).toBeGreaterThan(20);
    expect(mostBetween(restored, expected)).toBeLessThanOrEqual(1);
    const facts = await page.locator('#facts').innerText();
    expect(facts).toMatch(new RegExp(`^${width} × ${height} · [\\d.]+ s · ${name} · ${pieces}$`));
    await expect(page.locator('#save').getAttribute('download')).resolves.toBe('my face.jpeg-restored.png');
    expect(browser.trouble).toEqual([]);
    await page.context().close();
  });

  // Chromium turns JPEG and PNG as their EXIF says, and WebP not.
  test.each([
    ['jpeg', 3, 1],
    ['jpeg', 6, 1],
    ['png', 6, 1],
    ['webp', 3, 3],
    ['webp', 6, 6],
  ] as const)(
    '%s of a phone, orientation %d: EXIF stays, a wide gamut stays wide, and orientation %d is left to do',
    async (format, orientation, left) => {
      const photo = await sharp(await photograph(40, 30))
        .withMetadata({ orientation })
        .withExifMerge({ IFD0: { Artist: 'A. Person' } })
        .withIccProfile('p3', { attach: true })
        .toFormat(format, format === 'jpeg' ? { quality: 100, chromaSubsampling: '4:4:4' } : { lossless: true })
        .toBuffer();
      const page = await browser.open(`${addressOf(server)}?backend=wasm`);
      await drop(page, `phone.${format}`, photo);
      const file = await savedFile(page);
      const facts = await sharp(file, { failOn: 'warning' }).metadata();
      expect(facts).toMatchObject({ format: 'png', orientation: left });
      expect(facts.exif!.includes('A. Person')).toBe(true);
      expect(isWideGamut(facts.icc!)).toBe(true);
      const seen = sharp(photo, { ignoreIcc: true });
      const expected = await ofNode(await (left === 1 ? seen.autoOrient() : seen).png().toBuffer());
      expect(mostBetween(await saved(page), expected)).toBeLessThanOrEqual(2);
      await page.context().close();
    },
  );

  test('transparency passes through, and grey stays grey', async () => {
    const page = await browser.open(`${addressOf(server)}?backend=wasm`);
    const { data } = wavyPicture(40, 30);
    const alpha = Array.from({ length: 1200 }, (_, i) => i % 256);
    const rgba = Uint8Array.from(alpha.flatMap((value, i) => [data[3 * i]!, data[3 * i]!, data[3 * i]!, value]));
    await drop(
      page,
      'grey.png',
      await sharp(rgba, { raw: { width: 40, height: 30, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const restored = await sharp(await savedFile(page))
      .raw()
      .toBuffer();
    const pixels = alpha.map((_, i) => restored.subarray(4 * i, 4 * i + 4));
    expect(pixels.map((pixel) => pixel[3])).toEqual(alpha);
    expect(pixels.every(([red, green, blue]) => red === green && green === blue)).toBe(true);
    await page.context().close();
  });

  test.each([
    [SCHEMES[0], 375],
    [SCHEMES[1], 1280],
  ])('is as wide as the window and accessible, with a message and done, %s, %d pixels', async (scheme, width) => {
    const page = await browser.open(`${addressOf(server)}?backend=wasm`, scheme, width);
    await drop(page, 'notes.png', Buffer.from('no image'));
    await page.getByRole('alert').filter({ hasText: '“notes.png” is no image' }).waitFor();
    await expectFitAndAccessible(page);
    await drop(page, 'face.png', await photograph(40, 30));
    await page.locator('#save').waitFor();
    await expectFitAndAccessible(page);
    await page.context().close();
  });

  test('the divider follows the keys; another photograph may be too large', async () => {
    const page = await browser.open(`${addressOf(server)}?backend=wasm`);
    await drop(page, 'face.png', await photograph(40, 30));
    await page.locator('#save').waitFor();
    const divider = page.getByLabel('Divider between');
    await divider.focus();
    await page.keyboard.press('ArrowRight');
    await expect(divider.getAttribute('aria-valuetext')).resolves.toBe('51 % before, then after');
    const large = { width: 8000, height: 5001, channels: 3, background: 'white' } as const;
    await drop(page, 'large.png', await sharp({ create: large }).png({ compressionLevel: 1 }).toBuffer());
    await page.getByRole('alert').filter({ hasText: 'too large' }).waitFor();
    await expect(page.getByRole('alert').innerText()).resolves.toMatch(/8,000 × 5,001 pixels. It takes 40 million/);
    await page.context().close();
  });

  test('where the WebGPU device is lost, another backend restores the photograph again, and the page says so', async () => {
    const lost = `let device;
      const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...wishes) { return (device = await request.apply(this, wishes)); };
      addEventListener('message', ({ data }) => data.kind === 'restore' && device?.destroy());`;
    const page = await browser.open(addressOf(server), 'light', 1280, beforeWorker(lost));
    const png = await photograph(20, 16);
    await drop(page, 'face.png', png);
    expect(mostBetween(await saved(page), await ofNode(png))).toBeLessThanOrEqual(1);
    await expect(page.locator('#facts').innerText()).resolves.toContain('WebGL');
    await expect(page.locator('#notes').innerText()).resolves.toMatch(/^WebGPU stopped working/);
    await page.context().close();
  });

  test('a browser without any of the three, and a page that is opened as a file, say what to do', async () => {
    const none = `delete self.WebAssembly; self.OffscreenCanvas = undefined; Object.defineProperty(navigator, 'gpu', { value: undefined });`;
    const page = await browser.open(addressOf(server), 'light', 1280, beforeWorker(none));
    await drop(page, 'face.png', await photograph(20, 16));
    await page.getByRole('alert').filter({ hasText: 'has none of WebGPU, WebGL and WebAssembly' }).waitFor();
    await page.context().close();
    const file = await browser.open(join(folder, 'page', 'index.html'));
    await expect(file.getByRole('alert').innerText()).resolves.toMatch(/python3 -m http\.server/);
    await file.context().close();
  });

  test('yarn serve gives the same page: the server restores, and its refusals are shown', async () => {
    const negative = { restore: (image: tf.Tensor4D) => tf.sub<tf.Tensor4D>(1, image), parameters: 0, multiple: 1 };
    const faces = { ...negative, size: 64 };
    const methods: Record<string, typeof negative> = { negative, faces };
    const page = () => servedPage({ title: 'a run', methods: Object.keys(methods), samples: [] });
    const restoring = restoreServer({
      methods: Object.keys(methods),
      open: (name) => new PictureRestorer({ name, method: methods[name]!, notes: [], dispose: () => {} }),
      page,
      limits: { bytes: 1e6, pixels: 1e6, time: 60_000, queue: 2 },
      isLocal: true,
      console: new Console(),
    });
    restoring.listen(0, '127.0.0.1');
    await once(restoring, 'listening');
    const opened = await browser.open(addressOf(restoring));
    const png = await photograph(40, 30);
    await opened.locator('#file').setInputFiles({ name: 'face.png', mimeType: 'image/png', buffer: png });
    const before = await sharp(png).raw().toBuffer();
    expect(
      mostBetween(
        await saved(opened),
        before.map((value) => 255 - value),
      ),
    ).toBe(0);
    await expect(opened.locator('#facts').innerText()).resolves.toMatch(/^40 × 30 · [\d.]+ s · Node · untiled$/);
    await expectFitAndAccessible(opened);
    await opened.getByLabel('Method').selectOption('faces');
    await opened.getByRole('alert').filter({ hasText: 'the method takes 64x64 only' }).waitFor();
    await opened.context().close();
    restoring.closeAllConnections();
    restoring.close();
  });

  test('a folder with something else in it is not written to', async () => {
    const other = join(folder, 'other', 'file');
    mkdirSync(other, { recursive: true });
    await expect(exportPage({ weights, methods: [] }, join(folder, 'other'), new Console())).rejects.toThrow(
      /other holds something else already/,
    );
  });
});
