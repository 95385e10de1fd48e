import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { peerPython, PEER_VERSION } from '../../../tools/setup/peer.mjs';
import { cacheFolder } from '../engine/cache.mjs';
import { readCheckpoint } from './weights.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors.ts';
import { writeTorchFile } from './write-torch-file.ts';

type Tensor = TensorToWrite & { readonly values: Float32Array };

const TENSORS: readonly (readonly [string, Tensor])[] = [
  ['intro.weight', { shape: [2, 3, 1], values: Float32Array.of(0, 1.5, -2, 3e-8, 4e8, 5) }],
  ['größe', { shape: [300], values: Float32Array.from({ length: 300 }, (_, i) => i / 7) }],
  ['norm.num_batches_tracked', { shape: [], values: Float32Array.of(70_000), dtype: 'I64' }],
  ['empty', { shape: [0, 4], values: new Float32Array() }],
];

const folder = mkdtempSync(join(tmpdir(), 'torch-'));

const python = peerPython(cacheFolder());
if (python === undefined) {
  console.warn(`PyTorch does not read what writeTorchFile writes: PyTorch ${PEER_VERSION} is not installed (--peer).`);
}

/** Reads as PyTorch does where it executes nothing, and prints types, shapes and numbers. */
const PROGRAM = `
import json, sys, torch
state = torch.load(sys.argv[1], weights_only=True)
print(json.dumps([type(state).__name__, {k: [str(v.dtype), list(v.shape), v.flatten().tolist()] for k, v in state.items()}]))
`;

test('what is written as PyTorch writes it is read back, with its element types', () => {
  const file = join(folder, 'own.pth');
  writeTorchFile(file, TENSORS, { '.data/more.json': '{}' });
  const { tensors, dtypes } = readCheckpoint(file);
  expect([...tensors].map(([name, { shape, values }]) => [name, { shape, values }])).toEqual(
    TENSORS.map(([name, { shape, values }]) => [name, { shape, values }]),
  );
  expect([...dtypes.values()]).toEqual(['F32', 'F32', 'I64', 'F32']);
});

/** The local headers of a zip archive, by APPNOTE.TXT 4.3.7: where each member's data begin, and its extra field. */
function members(archive: Buffer): { readonly begin: number; readonly extra: Buffer }[] {
  const found = [];
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50;) {
    const [size, name, extra] = [
      archive.readUInt32LE(at + 18),
      archive.readUInt16LE(at + 26),
      archive.readUInt16LE(at + 28),
    ];
    const begin = at + 30 + name + extra;
    found.push({ begin, extra: archive.subarray(begin - extra, begin) });
    at = begin + size;
  }
  return found;
}

test('each member begins at a multiple of 64 bytes, after the field FB, as in PyTorch (caffe2/serialize/inline_container.cc)', () => {
  const file = join(folder, 'aligned.pth');
  writeTorchFile(file, TENSORS, { '.data/more.json': '{}' });
  const found = members(readFileSync(file));
  expect(found.length).toBeGreaterThan(TENSORS.length);
  for (const { begin, extra } of found) {
    expect([begin % 64, extra.toString('latin1', 0, 2), extra.readUInt16LE(2)]).toEqual([0, 'FB', extra.length - 4]);
  }
});

test('integers in safetensors are int64, and their checksum is that of their bytes', () => {
  const file = join(folder, 'own.safetensors');
  writeSafetensors(file, TENSORS);
  const { tensors, dtypes } = readCheckpoint(file);
  expect(tensors.get('norm.num_batches_tracked')!.values).toEqual(Float32Array.of(70_000));
  expect(dtypes.get('norm.num_batches_tracked')).toBe('I64');
});

(python === undefined ? describe.skip : describe)('PyTorch', () => {
  test('reads it with weights_only=True', () => {
    const file = join(folder, 'torch.pth');
    writeTorchFile(file, TENSORS, { '.data/more.json': '{}' });
    const text = execFileSync(python!, ['-W', 'ignore', '-c', PROGRAM, file], { encoding: 'utf8' });
    const expected = TENSORS.map(([name, { shape, values, dtype }]) => [
      name,
      [dtype === 'I64' ? 'torch.int64' : 'torch.float32', shape, [...values]],
    ]);
    expect(JSON.parse(text)).toEqual(['OrderedDict', Object.fromEntries(expected)]);
  });
});
