import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  catalogue,
  makeFolder,
  transformOptions,
  UserError,
  writeFileAtomic,
  writeSafetensors,
  type ComponentSpec,
} from '@dualprior/core';
import type { Recipe } from '../restore/open-method.ts';
import { pageScript, wasmFiles, workerScript } from './bundle.ts';
import { pageDocument } from './document.ts';
import type { Model } from './page/model.ts';
import type { Sample } from './samples.ts';

export interface WebExport {
  /** Where the methods come from, for display. */
  readonly title: string;
  /** By name; the first is chosen. */
  readonly methods: ReadonlyMap<string, Recipe>;
  /** Photographs to try it with. */
  readonly samples: readonly Sample[];
}

/** The file that tells a page that was exported before. */
const MODEL = 'model.json';

/**
 * Writes a page that restores photographs in the browser, with all that it needs: a folder for any web server.
 * Errors: `UserError` for a folder that holds something else, or a component that cannot run in a browser.
 */
export async function exportWeb({ title, methods, samples }: WebExport, output: string): Promise<void> {
  checkFolder(output);
  const specs = [...methods.values()].flatMap(({ spec, networks }) => [
    ['method', spec] as const,
    ...networks.map((network) => ['network', network.spec] as const),
  ]);
  const files = new Set(specs.flatMap(([kind, spec]) => filesOf(kind, spec)));
  const [page, worker] = await Promise.all([pageScript('on-device'), workerScript([...files])]);
  for (const folder of ['weights', 'wasm', 'samples']) makeFolder(join(output, folder));
  const write = (name: string, content: Uint8Array | string) =>
    writeFileAtomic(join(output, name), (unfinished) => unfinished.append(Buffer.from(content)));
  const model = writeWeights(methods, output);
  for (const [name, path] of wasmFiles()) write(join('wasm', name), readFileSync(path));
  for (const { file, path } of samples) write(file, readFileSync(path));
  write('worker.js', worker);
  write('page.js', page);
  write(MODEL, JSON.stringify(model));
  write('index.html', pageDocument({ title, methods: [...methods.keys()], samples, isLocal: true }));
}

function checkFolder(output: string): void {
  if (!existsSync(output) || existsSync(join(output, MODEL))) return;
  if (statSync(output).isDirectory() && readdirSync(output).length === 0) return;
  throw new UserError(`${output} holds something else already. Give a new or an empty folder with --output.`);
}

function writeWeights(methods: WebExport['methods'], output: string): Model {
  const networks: Record<string, Model['networks'][string]> = {};
  for (const { networks: own } of methods.values()) {
    for (const { reference, spec, state } of own) {
      if (reference in networks) continue;
      const file = `weights/${Object.keys(networks).length}-${spec.type}.safetensors`;
      const path = join(output, file);
      writeSafetensors(path, state);
      networks[reference] = { spec, weights: { file, bytes: statSync(path).size } };
    }
  }
  const used = [...methods].map(([name, { spec, networks: own }]) => ({
    name,
    spec,
    networks: own.map(({ reference }) => reference),
  }));
  return { methods: used, networks };
}

/** The files that declare a component and those in its options. Errors: `UserError` for one that wants services of Node. */
function filesOf(kind: string, spec: ComponentSpec): string[] {
  const { declaration, file } = catalogue.find(kind, spec.type)!;
  if (declaration.inject?.length) {
    throw new UserError(`The ${kind} "${spec.type}" (${basename(file)}) cannot run in a browser: it needs services.`);
  }
  const inner: string[] = [];
  transformOptions(kind, spec, {
    component: (of, part) => void inner.push(...filesOf(of, part)),
    reference: () => undefined,
  });
  return [file, ...inner];
}
