import { UserError } from '@dualprior/core/nn';
import type { Method } from '../../methods/method.ts';
import { startBackend, whenLost } from './backends.ts';
import type { Answer, Request } from './messages.ts';
import type { Model } from './model.ts';
import { openMethod } from './open-method.ts';
import { restoreWith, toBytes } from './restorer.ts';

// The worker of the page: it computes, so that the page stays awake.

const HERE = self.location.href;
const methods = new Map<string, Promise<Method>>();
let model: Promise<Model> | undefined;

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  answer(data).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    tell({ kind: error instanceof UserError ? 'failed' : 'broken', message });
  });
});

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case 'open': {
      const backend = await startBackend(request.backends, new URL('wasm/', HERE).href);
      if (backend) whenLost(backend, (message) => tell({ kind: 'broken', message }));
      return tell({ kind: 'opened', backend });
    }
    case 'load':
      await methodOf(request.method);
      return;
    case 'restore': {
      const { width, height, data, tile } = request;
      const method = await methodOf(request.method);
      const begin = performance.now();
      const progress = (share: number) => tell({ kind: 'progress', share });
      const restored = await restoreWith(method, { width, height, data, white: 255 }, tile, progress);
      const bytes = toBytes(restored);
      const seconds = (performance.now() - begin) / 1000;
      return tell({ kind: 'restored', data: bytes, tiles: restored.tiles, seconds }, [bytes.buffer]);
    }
  }
}

function methodOf(name: string): Promise<Method> {
  const known = methods.get(name) ?? load(name);
  methods.set(name, known);
  return known;
}

async function load(name: string): Promise<Method> {
  const all = await (model ??= get('model.json').then((response) => response.json() as Promise<Model>));
  const { networks } = all.methods.find((method) => method.name === name)!;
  const bytes = networks.reduce((sum, reference) => sum + all.networks[reference]!.weights.bytes, 0);
  let before = 0;
  return openMethod(all, name, async (file) => {
    const content = await read(await get(file), (loaded) => tell({ kind: 'loading', loaded: before + loaded, bytes }));
    before += content.byteLength;
    return content;
  });
}

/** Errors: `UserError` if the file cannot be had. */
async function get(file: string): Promise<Response> {
  const response = await fetch(new URL(file, HERE)).catch(() => undefined);
  if (response?.ok) return response;
  const why = response ? `the server answers ${response.status}` : 'the server does not answer';
  throw new UserError(`The file ${file}, which belongs to this page, cannot be read: ${why}.`);
}

async function read(response: Response, tellLoaded: (bytes: number) => void): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body!.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    loaded += next.value.length;
    tellLoaded(loaded);
  }
  return new Blob(parts).arrayBuffer();
}

function tell(answer: Answer, transfer: Transferable[] = []): void {
  self.postMessage(answer, { transfer });
}
