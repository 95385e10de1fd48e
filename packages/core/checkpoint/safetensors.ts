import { fileBytes } from '../files/file-bytes.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { checksum } from './checksum.ts';
import { CHECKSUMS, fillChecksums, noChecksums } from './checksums.ts';
import { byteSize } from './dtype.ts';
import { METADATA, safetensorsMetadata, safetensorsOf, type Safetensors } from './safetensors-format.ts';
import { sizeOf } from './stored-tensor.ts';

const ALIGNMENT = 8;

/** A tensor to be written: its values in C order, all of them or in pieces, which are asked for one after the other. */
export interface TensorToWrite {
  readonly shape: readonly number[];
  /** As float32 or, where they are integers, int64. Default `F32`. */
  readonly dtype?: 'F32' | 'I64';
  readonly values: Float32Array | Iterable<Float32Array>;
}

/**
 * Writes tensors in the safetensors format (https://github.com/huggingface/safetensors), with checksums: a reader sees the
 * old file or the new one, never a part of it, also after a power failure. Of tensors in pieces, one piece at a time is in memory.
 * @param previous what the old file is called from then on; it is removed by default
 */
export function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [name: string, tensor: TensorToWrite]>,
  metadata: Record<string, string> = {},
  previous?: string,
): void {
  const all = [...tensors];
  const start = startOf(all, metadata);
  writeFileAtomic(
    file,
    (unfinished) => {
      unfinished.append(start);
      const checksums = all.map(([name, tensor]) => {
        let [count, value] = [0, 0];
        for (const piece of piecesOf(tensor)) {
          const bytes = bytesOf(piece, tensor.dtype);
          unfinished.append(bytes);
          value = checksum(bytes, value);
          count += piece.length;
        }
        if (count !== sizeOf(tensor.shape)) throw new Error(`"${name}" has ${count} values, not those of its shape.`);
        return value;
      });
      fillChecksums(start, checksums, checksum);
      unfinished.overwrite(start, 0);
    },
    previous,
  );
}

/**
 * Opens a safetensors file of any size. Values are read when they are asked for, and become float32. Checksums are compared where the file
 * has some.
 *
 * Errors: `UserError` naming the file if it is missing or damaged: then or, where values are damaged or of a type that is not
 * understood, when they are asked for.
 */
export function readSafetensors(file: string): Safetensors {
  return safetensorsOf(fileBytes(file), file, checksum);
}

/** The metadata alone. Errors: `UserError` if the file is missing or its header damaged. */
export function readSafetensorsMetadata(file: string): Safetensors['metadata'] {
  return safetensorsMetadata(fileBytes(file), file, checksum);
}

/** Size of the header and the header, with room for the checksums. */
function startOf(
  tensors: readonly (readonly [name: string, tensor: TensorToWrite])[],
  metadata: Record<string, string>,
): Uint8Array {
  let offset = 0;
  const entries = tensors.map(([name, { shape, dtype = 'F32' }]) => {
    const begin = offset;
    offset += sizeOf(shape) * byteSize(dtype);
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const;
  });
  const all = [[METADATA, { [CHECKSUMS]: noChecksums(tensors.length), ...metadata }] as const, ...entries];
  const json = Buffer.from(`{${all.map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join(',')}}`);
  const size = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const start = Buffer.alloc(8 + size, ' ');
  start.writeBigUInt64LE(BigInt(size));
  start.set(json, 8);
  return start;
}

/** Values as the file has them, little-endian. */
export function bytesOf(values: Float32Array, dtype: TensorToWrite['dtype'] = 'F32'): Uint8Array {
  const { buffer, byteOffset, byteLength } =
    dtype === 'F32' ? values : BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function piecesOf({ values }: TensorToWrite): Iterable<Float32Array> {
  return ArrayBuffer.isView(values) ? [values] : values;
}
