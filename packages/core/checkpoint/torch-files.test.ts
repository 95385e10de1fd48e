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
  for (const [name, [shape, values]] of Object.entries(expected)) {
    const tensor = tensors.get(name)!;
    expect([name, tensor.shape]).toEqual([name, shape]);
    if (values) expect([name, ...tensor.values]).toEqual([name, ...values.map(Number)]);
    else {
      expect(() => tensor.values).toThrow(UserError);
      expect(() => tensor.values).toThrow(`${path}: the tensor "${name}" cannot be read: `);
    }
  }
});
