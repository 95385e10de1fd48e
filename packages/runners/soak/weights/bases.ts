import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { writeSafetensors, type StateDict } from '@dualprior/core';
import { HOSTILE } from '@dualprior/core/testing/hostile-files';
import * as p from '@dualprior/core/testing/pickles';
import { sharedGoldenFolder } from '../../goldens/folder.ts';
import type { MadeFile } from '../files/try-files.ts';
import { createNetwork } from './network.ts';

const TORCH = new URL('../../../core/checkpoint/testing/torch-files.json', import.meta.url);
/** Bytes of a file that is worth damaging: small ones are quick, and damage hits what matters. */
const LARGEST = 300_000;

/** Files to damage, by kind: weights of a network in each format, files of many releases of PyTorch, hostile ones, those of the shared folder. */
export function bases(folder: string): MadeFile<Uint8Array>[][] {
  const kinds = [ofNetwork(folder), ofPyTorch(), hostile(), shared()];
  return kinds
    .map((files) => files.filter(({ content }) => content.length <= LARGEST))
    .filter((files) => files.length > 0);
}

/** Weights that fit the network that the child loads them into. */
function ofNetwork(folder: string): MadeFile<Uint8Array>[] {
  const network = createNetwork();
  const state: StateDict = new Map(
    [...network.parameters(), ...network.buffers()].map(([name, { shape, size }]) => [
      name,
      { shape, values: new Float32Array(size).fill(0.5) },
    ]),
  );
  const file = join(folder, 'network.safetensors');
  writeSafetensors(file, state);
  const stored = [...state].map(([name, { shape, values }], i) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
    return [name, p.tensor(p.storage('FloatStorage', String(i), values.length), 0, [...shape], strides)] as const;
  });
  const content = p.dictionary({ params: p.dictionary(Object.fromEntries(stored)) });
  const storages = [...state.values()].map(({ values }) => Float32Array.from(values));
  const legacy = Buffer.concat([
    p.legacyHead(content, Object.keys(storages)),
    ...storages.flatMap((values) => [Buffer.from(p.u64(values.length), 'latin1'), Buffer.from(values.buffer)]),
  ]);
  return [
    { name: 'network.safetensors', content: readFileSync(file) },
    { name: 'network.pth', content: p.torchZip(content, Object.fromEntries(storages.entries())) },
    { name: 'legacy.pth', content: legacy },
  ];
}

function ofPyTorch(): MadeFile<Uint8Array>[] {
  const { files } = JSON.parse(readFileSync(TORCH, 'utf8')) as { files: Record<string, { file: string }> };
  return Object.entries(files).map(([name, { file }]) => ({
    name: name.startsWith('pickle') ? 'torch.pkl' : 'torch.pth',
    content: Buffer.from(file, 'base64'),
  }));
}

function hostile(): MadeFile<Uint8Array>[] {
  return Object.values(HOSTILE).map(([content]) => {
    const isPickle = content[0] === 0x50 || content[0] === 0x80;
    return { name: isPickle ? 'hostile.pth' : 'hostile.safetensors', content };
  });
}

function shared(): MadeFile<Uint8Array>[] {
  return ['checkpoints', 'hostile'].flatMap((kind) => {
    const place = join(sharedGoldenFolder(), '..', 'cases', kind);
    const names = existsSync(place) ? readdirSync(place) : [];
    return names
      .filter((name) => /\.(pth?|pkl|safetensors)$/.test(name) && statSync(join(place, name)).size <= LARGEST)
      .map((name) => ({ name: `shared${extname(name)}`, content: readFileSync(join(place, name)) }));
  });
}
