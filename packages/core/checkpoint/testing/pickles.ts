import { zipSync } from 'fflate';

/** Pieces of pickles of protocol 2, a character per byte, as `torch.save` and others write them. */

export const u32 = (value: number) => little(value, 4);
export const u64 = (value: number) => little(value, 8);
export const text = (value: string) => `X${u32(Buffer.byteLength(value))}${Buffer.from(value).toString('latin1')}`;
export const byte = (value: number) => `K${String.fromCharCode(value)}`;
export const integer = (value: number) => `\x8a\x08${u64(value)}`;
export const tuple = (...items: string[]) => `(${items.join('')}t`;
export const list = (...items: string[]) => `](${items.join('')}e`;
export const named = (path: string) => `c${path.replace(/\.([^.]*)$/, '\n$1')}\n`;
export const call = (path: string, ...args: string[]) => `${named(path)}${tuple(...args)}R`;
export const remembered = (key: number, value: string) => `${value}q${String.fromCharCode(key)}`;
export const recalled = (key: number) => `h${String.fromCharCode(key)}`;

export const dictionary = (entries: Record<string, string>) =>
  `}(${Object.entries(entries)
    .flatMap(([key, value]) => [text(key), value])
    .join('')}u`;

export const storage = (type: string, key: string, count: number, ...more: string[]) =>
  `${tuple(text('storage'), named(`torch.${type}`), text(key), text('cpu'), integer(count), ...more)}Q`;

export const tensor = (stored: string, offset: number, shape: number[], strides: number[]) =>
  call(
    'torch._utils._rebuild_tensor_v2',
    stored,
    integer(offset),
    tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    '\x89',
    call('collections.OrderedDict'),
  );

/** A whole pickle. */
export function pickle(content: string): Buffer {
  return Buffer.from(`\x80\x02${content}.`, 'latin1');
}

/** A file of `torch.save`: the pickle, and the storages beside it. */
export function torchZip(content: string, storages: Record<string, ArrayBufferView<ArrayBuffer>> = {}): Uint8Array {
  const data = Object.entries(storages).map(([key, { buffer }]) => [`weights/data/${key}`, new Uint8Array(buffer)]);
  return zipSync({ 'weights/data.pkl': pickle(content), ...Object.fromEntries(data) }, { level: 0 });
}

/** What stands before the storages of a file of `torch.save` before PyTorch 1.6. */
export function legacyHead(content: string, keys: readonly string[]): Buffer {
  const magic = pickle('\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19');
  const machine = pickle(dictionary({ little_endian: '\x88' }));
  return Buffer.concat([magic, pickle('M\xe9\x03'), machine, pickle(content), pickle(list(...keys.map(text)))]);
}

/** A safetensors file, its header as it is given. */
export function safetensors(header: object | string, data = new Uint8Array(0)): Buffer {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  return Buffer.concat([Buffer.from(u64(Buffer.byteLength(json)), 'latin1'), Buffer.from(json), data]);
}

function little(value: number, bytes: number): string {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return buffer.toString('latin1', 0, bytes);
}
