import { readFileSync } from 'node:fs';
import type { PageFile } from '../restore/serve/server.ts';
import { pageScript } from './bundle.ts';
import { pageDocument } from './document.ts';
import type { Sample } from './samples.ts';

interface ServedPage {
  readonly title: string;
  readonly methods: readonly string[];
  readonly samples: readonly Sample[];
}

/** The page of `yarn serve`, whose photographs the server restores: files by their paths. */
export async function servedPage({ title, methods, samples }: ServedPage): Promise<Map<string, PageFile>> {
  const document = pageDocument({ title, methods, samples, isLocal: false });
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', content: Buffer.from(document) }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', content: await pageScript('served') }],
    ...samples.map(({ file, path }) => [`/${file}`, { type: 'image/png', content: readFileSync(path) }] as const),
  ]);
}
