import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

jest.setTimeout(120_000);

const GIBIBYTE = 2 ** 30;
const file = join(mkdtempSync(join(tmpdir(), 'large-')), 'large.safetensors');

afterEach(() => rmSync(file, { force: true }));

test('a file of more than 2 GiB, also of one tensor, is written and read', () => {
  const large = new Float32Array((2 * GIBIBYTE) / 4 + 2); // memory that nobody writes to takes none
  writeSafetensors(
    file,
    new Map([
      ['large', { shape: [large.length], values: large }],
      ['small', { shape: [2], values: Float32Array.of(1, -2) }],
    ]),
    { progress: 'yes' },
  );
  const found = readSafetensors(file);
  expect(found.metadata.get('progress')).toBe('yes');
  expect(found.tensors.get('small')).toEqual({ shape: [2], values: Float32Array.of(1, -2) });
});

test.each([2, 4])('a tensor behind %d GiB is read, and takes no more memory than it needs', (limit) => {
  const begin = limit * GIBIBYTE + 12;
  const header = Buffer.from(
    JSON.stringify({
      ...Object.fromEntries(
        Array.from({ length: limit }, (_, i) => [
          `before.${i}`,
          { dtype: 'U8', shape: [GIBIBYTE], data_offsets: [i * GIBIBYTE, (i + 1) * GIBIBYTE] },
        ]),
      ),
      gap: { dtype: 'U8', shape: [12], data_offsets: [limit * GIBIBYTE, begin] },
      last: { dtype: 'F32', shape: [2], data_offsets: [begin, begin + 8] },
    }),
  );
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([size, header]));
  truncateSync(file, 8 + header.length + begin + 8); // sparse: it takes no room on the disk
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, new Uint8Array(Float32Array.of(0.5, 3).buffer), 0, 8, 8 + header.length + begin);
  closeSync(descriptor);
  expect(readSafetensors(file).tensors.get('last')).toEqual({ shape: [2], values: Float32Array.of(0.5, 3) });
});
