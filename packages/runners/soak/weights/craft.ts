import type { Stream } from '@dualprior/core';
import * as p from '@dualprior/core/testing/pickles';
import type { MadeFile } from '../files/try-files.ts';
import { ODD_NUMBERS } from './damage.ts';

const CALLS = [
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'torch.storage._load_from_bytes',
  'torch.device',
  'torch.Size',
  'torch.nn.modules.linear.Linear',
  'torch.FloatStorage',
  'collections.OrderedDict',
  'collections.defaultdict',
  'numpy.core.multiarray._reconstruct',
  'numpy.core.multiarray.scalar',
  'numpy.dtype',
  'numpy.ndarray',
  '_codecs.encode',
  'argparse.Namespace',
  'builtins.set',
  'builtins.bytearray',
  'copy_reg._reconstructor',
  'copyreg._reconstructor',
  'os.system',
  'dnnlib.tflib.network.Network',
  'torch_utils.persistence._reconstruct_persistent_obj',
];
const STORAGES = ['FloatStorage', 'HalfStorage', 'BFloat16Storage', 'LongStorage', 'BoolStorage', 'NoStorage'];
const DTYPES = ['F32', 'F16', 'BF16', 'F64', 'I64', 'U8', 'BOOL', 'F8_E4M3', 'F4', 'X', '', null, 4];
const TEXTS = ['weight', 'params', 'state_dict', 'latin1', '__class__', '__proto__', 'n'.repeat(3000), '\0', 'é\u2028'];

/** Bytes to which values are repeated. */
const LONGEST = 100_000;

const one = <T>(items: readonly T[], stream: Stream): T => items[stream.integer(items.length)]!;
const some = <T>(most: number, stream: Stream, make: () => T): T[] =>
  Array.from({ length: stream.integer(most + 1) }, make);

/** A file that nothing wrote: of pickled values, or a safetensors header, with odd numbers in the places of good ones. */
export function crafted(stream: Stream): MadeFile<Uint8Array> {
  if (stream.integer(4) === 0) return { name: 'crafted.safetensors', content: craftedHeader(stream) };
  const value = craftedDictionary(stream);
  const storages = { 0: Float32Array.of(1, 2, 3, 4), 1: new Uint16Array(stream.integer(9)) };
  switch (stream.integer(3)) {
    case 0:
      return { name: 'crafted.pkl', content: p.pickle(value) };
    case 1: {
      const counts = some(2, stream, () => Buffer.from(p.u64(number(stream)), 'latin1'));
      const data = Buffer.from(storages[0].buffer);
      return { name: 'legacy.pth', content: Buffer.concat([p.legacyHead(value, ['0', '1']), ...counts, data]) };
    }
    default:
      return { name: 'crafted.pth', content: p.torchZip(value, storages) };
  }
}

/** Mostly small ones. */
function number(stream: Stream): number {
  return stream.integer(3) > 0 ? stream.integer(5) : one(ODD_NUMBERS, stream);
}

const craftedDictionary = (stream: Stream) =>
  p.dictionary(Object.fromEntries(some(4, stream, () => [one(TEXTS, stream), craftedValue(stream, 4)])));

/** A pickled value of at most `depth` containers in one another, if its references do not make more of it. */
function craftedValue(stream: Stream, depth: number): string {
  const inner = () => craftedValue(stream, depth - 1);
  const storage = () => p.storage(one(STORAGES, stream), one(['0', '1', '2'], stream), number(stream));
  const numbers = () => some(4, stream, () => number(stream));
  const leaves = [
    () => one(['N', '\x88', '\x89', 'G\x7f\xf8\0\0\0\0\0\0', 'I7\n', 'L7L\n', '\x8a\0'], stream),
    () => p.integer(number(stream)),
    () => p.text(one(TEXTS, stream)),
    () => p.recalled(stream.integer(4)),
    () => p.named(one(CALLS, stream)),
    () => `\x8e${p.u64(number(stream))}`,
    storage,
    () => p.tensor(storage(), number(stream), numbers(), numbers()),
    () => p.tensor(storage(), 0, [2, 2], [2, 1]),
  ];
  if (depth === 0) return one(leaves, stream)();
  const containers = [
    () => p.tuple(...some(4, stream, inner)),
    () => p.list(...some(4, stream, inner)),
    () => craftedDictionary(stream),
    () => p.call(one(CALLS, stream), ...some(4, stream, inner)),
    () => `${p.call(one(CALLS, stream), ...some(2, stream, inner))}${inner()}b`,
    () => `${p.named(one(CALLS, stream))}${p.tuple(...some(3, stream, inner))}\x81`,
    () => p.remembered(stream.integer(4), inner()),
    () => `]${p.remembered(stream.integer(4), '')}${inner()}a`,
    () => p.list(repeated(inner(), stream.integer(300))),
  ];
  return one([...leaves, ...containers], stream)();
}

/** At least once, and no longer than a small file. */
function repeated(text: string, times: number): string {
  return text.repeat(Math.max(1, Math.min(times, Math.floor(LONGEST / text.length))));
}

function craftedHeader(stream: Stream): Uint8Array {
  let end = 0;
  const entries = some(5, stream, () => {
    const shape = some(3, stream, () => (stream.integer(4) > 0 ? 1 + stream.integer(3) : number(stream)));
    const begin = stream.integer(8) > 0 ? end : number(stream);
    end = begin + (stream.integer(8) > 0 ? 4 * shape.reduce((product, length) => product * length, 1) : number(stream));
    const dtype = stream.integer(3) > 0 ? 'F32' : one(DTYPES, stream);
    const entry = { dtype, shape, data_offsets: [begin, end] };
    return [
      stream.integer(8) > 0 ? one(TEXTS, stream) : '__metadata__',
      stream.integer(8) > 0 ? entry : one([null, [], 'x', {}, -1], stream),
    ];
  });
  return p.safetensors(Object.fromEntries(entries) as object, new Uint8Array(Math.min(Math.max(end, 0), 1000) || 0));
}
