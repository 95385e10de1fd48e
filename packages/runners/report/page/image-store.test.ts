import { mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import sharp from 'sharp';
import { ImageStore } from './image-store.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'images-')));

async function noise(name: string, side: number): Promise<string> {
  const file = join(folder, name);
  const stream = new Random(0).stream(name);
  const bytes = Uint8Array.from({ length: side * side * 3 }, () => stream.integer(256));
  await sharp(bytes, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(file);
  return file;
}

test('small images stay as they are, large ones become WebP, and each is in the page once', async () => {
  const store = new ImageStore();
  const [small, large] = [await noise('small.png', 64), await noise('large.png', 300)];
  const shown = [await store.show(small, 'small'), await store.show(large, 'large'), await store.show(small, 'again')];
  expect(shown.map(({ markup }) => /data-image="(\w+)"/.exec(markup)![1])).toEqual(['i0', 'i1', 'i0']);
  expect(shown[0]!.markup).toContain('class="pixelated" width="64" height="64"');
  expect(shown[1]!.markup).not.toContain('pixelated');
  const text = /<script[^>]*>(.*)<\/script>/s.exec((await store.data()).markup)![1]!;
  const uris = JSON.parse(text) as Record<string, string>;
  expect(Object.keys(uris)).toEqual(['i0', 'i1']);
  expect(uris['i0']).toBe(`data:image/png;base64,${readFileSync(small).toString('base64')}`);
  const [, webp] = uris['i1']!.split('data:image/webp;base64,');
  await expect(sharp(Buffer.from(webp!, 'base64')).metadata()).resolves.toMatchObject({ width: 300, height: 300 });
});
