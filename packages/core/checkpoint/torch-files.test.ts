import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { readCheckpoint } from './weights.ts';

/** What PyTorch and pickle wrote (testing/torch-files.py), and what PyTorch reads in it: values are null where they are not understood. */
interface TorchFiles {
  readonly files: Record<string, { file: string; tensors: Record<string, [number[], (number | string)[] | null]> }>;
}

const { files } = JSON.parse(readFileSync(new URL('testing/torch-files.json', import.meta.url), 'utf8')) as TorchFiles;
const folder = mkdtempSync(join(tmpdir(), 'torch-files-'));

test.each(Object.entries(files))('%s', (_, { file, tensors: expected }) => {
  const path = join(folder, 'file.pt');
  writeFileSync(path, Buffer.from(file, 'base64'));
  const { tensors } = readCheckpoint(path);
  expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  const all = Object.entries(expected).map(([name, [shape, values]]) => ({ name, shape, values }));
  for (const { name, shape } of all) expect([name, tensors.get(name)!.shape]).toEqual([name, shape]);
  for (const { name, values } of all.filter((each) => each.values)) {
    expect([name, ...tensors.get(name)!.values]).toEqual([name, ...values!.map(Number)]);
  }
  for (const { name } of all.filter((each) => !each.values)) {
    expect(() => tensors.get(name)!.values).toThrow(UserError);
    expect(() => tensors.get(name)!.values).toThrow(`${path}: the tensor "${name}" cannot be read: `);
  }
});
