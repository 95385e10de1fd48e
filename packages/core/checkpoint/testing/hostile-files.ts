import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import * as p from './pickles.ts';

const one = { 0: Float32Array.of(1, 2, 3, 4) };
const stored = p.storage('FloatStorage', '0', 4);
const repeated = (text: string, count: number) => text.repeat(count);

/** Ten times the same list in a list, `levels` deep. */
function bomb(content: string, levels: number): string {
  let pickle = `${p.remembered(0, content)}0`;
  for (let level = 0; level < levels; level++) {
    pickle += `${p.remembered(level + 1, p.list(repeated(p.recalled(level), 10)))}0`;
  }
  return `]${pickle}${p.recalled(levels)}a`;
}

/** A payload of `torch.save` that loads itself twice, and so on. */
function nested(depth: number): string {
  if (depth === 0) return stored;
  const payload = p.pickle(nested(depth - 1));
  return p.list(p.call('torch.storage._load_from_bytes', `B${p.u32(payload.length)}${payload.toString('latin1')}`));
}

/** An archive whose members all are the first one, of 1 MiB. */
function overlapping(count: number): Uint8Array {
  const names = Array.from({ length: count }, (_, i) => `a/data/${i}`);
  const archive = Buffer.from(
    zipSync(Object.fromEntries(names.map((name, i) => [name, new Uint8Array(i === 0 ? 2 ** 20 : 0)]))),
  );
  const first = archive.indexOf('PK\x01\x02', 0, 'latin1');
  for (let at = first; at >= 0; at = archive.indexOf('PK\x01\x02', at + 1, 'latin1')) {
    archive.copy(archive, at + 10, first + 10, first + 12); // its method
    archive.copy(archive, at + 16, first + 16, first + 28); // its checksum and sizes
    archive.writeUInt32LE(0, at + 42);
  }
  return archive;
}

function twins(): Uint8Array {
  const archive = Buffer.from(zipSync({ 'a/data.pkl': p.pickle('N'), 'b/data.pkl': p.pickle('N') }));
  for (let at = archive.indexOf('b/data'); at >= 0; at = archive.indexOf('b/data', at + 1)) archive.write('a', at);
  return archive;
}

const entry = (range: number[], shape: unknown = [4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: range,
});
const data = new Uint8Array(16);

/** Small files that say more than they are, and what is wrong with them. */
export const HOSTILE: Readonly<Record<string, readonly [file: Uint8Array, fault: RegExp]>> = {
  // The tree.
  'a list in itself': [p.torchZip(`]q\x00h\x00a`), /contains itself/],
  'a dictionary in itself': [p.torchZip(`}q\x00${p.text('a')}h\x00s`), /contains itself/],
  'lists in one another, beside tensors': [
    p.torchZip(p.dictionary({ w: p.tensor(stored, 0, [4], [1]), l: ']q\x05]h\x05aa' }), one),
    /contains itself/,
  ],
  'deep tuples': [p.torchZip(`)${repeated('\x85', 300_000)}`), /nested more than 1000 deep/],
  'deep lists': [p.torchZip(`${repeated(']', 300_000)}${repeated('a', 299_999)}`), /nested more than 1000 deep/],
  'lists that multiply tensors': [p.torchZip(bomb(p.tensor(stored, 0, [4], [1]), 9), one), /too many names/],
  'lists that multiply numbers': [p.torchZip(bomb('K\x01', 12)), /holds no tensors/],
  'names that multiply': [
    p.torchZip(
      `${p.remembered(0, p.text('n'.repeat(20_000)))}0}${repeated(`h\x00}`, 900)}` +
        `h\x00${p.list(repeated(p.tensor(stored, 0, [4], [1]), 2))}s${repeated('s', 900)}`,
      one,
    ),
    /too many names/,
  ],

  // The pickle.
  'a long integer': [p.torchZip(`\x8b${p.u32(500_000)}${repeated('\x7f', 500_000)}`), /an integer of 500000 bytes/],
  'a long integer in digits': [p.torchZip(`L${repeated('7', 500_000)}L\n`), /an integer of 500000 digits/],
  'text without end': [p.torchZip(`\x8d${p.u64(2 ** 50)}`), /cut off/],
  'bytes without end': [p.torchZip(`\x8e${p.u64(2 ** 62)}`), /cut off/],
  'a line without end': [p.torchZip(`c${repeated('x', 500_000)}`), /cut off/],
  'many dictionaries': [p.torchZip(repeated('}', 1_000_000)), /far more memory/],
  'dictionaries made again and again': [
    p.torchZip(
      `${p.remembered(0, p.list(repeated(p.tuple('N', 'N'), 20_000)))}(${repeated(`${p.named('collections.OrderedDict')}h\x00\x85R`, 20_000)}t`,
    ),
    /far more memory/,
  ],
  'bytes made again and again': [
    p.torchZip(
      `${p.remembered(0, p.text('x'.repeat(500_000)))}(${repeated(`${p.named('_codecs.encode')}h\x00${p.text('latin1')}\x86R`, 5000)}t`,
    ),
    /far more memory/,
  ],
  'payloads in payloads': [p.pickle(nested(6)), /payloads of torch.save within one another/],
  'payloads again and again': [
    p.pickle(
      `${p.remembered(0, `B${p.u32(200_003)}${p.pickle(repeated('N', 200_000)).toString('latin1')}`)}(` +
        `${repeated(`${p.named('torch.storage._load_from_bytes')}h\x00\x85R`, 1000)}t`,
    ),
    /far more memory/,
  ],

  // Tensors.
  'a tensor of stride 0': [
    p.torchZip(p.dictionary({ w: p.tensor(stored, 0, [2e9], [0]) }), one),
    /repeats the 4 elements/,
  ],
  'a tensor too long by one': [
    p.torchZip(p.dictionary({ w: p.tensor(stored, 1, [4], [1]) }), one),
    /ends at element 5 of 4/,
  ],
  'a tensor before its storage': [p.torchZip(p.dictionary({ w: p.tensor(stored, -1, [4], [1]) }), one), /offset -1/],
  'a negative length': [p.torchZip(p.dictionary({ w: p.tensor(stored, 0, [-4], [1]) }), one), /shape \(-4\)/],
  'a negative stride': [p.torchZip(p.dictionary({ w: p.tensor(stored, 3, [4], [-1]) }), one), /strides \(-1\)/],
  'a shape beyond numbers': [
    p.torchZip(p.dictionary({ w: p.tensor(stored, 0, [2 ** 40, 2 ** 40], [0, 0]) }), one),
    /shape \(1099511627776, 1099511627776\)/,
  ],
  'a shape of fractions': [
    p.torchZip(
      p.dictionary({
        w: p.call(
          'torch._utils._rebuild_tensor_v2',
          stored,
          'K\x00',
          p.tuple(`G?\xf8${repeated('\x00', 6)}`),
          p.tuple('K\x01'),
        ),
      }),
      one,
    ),
    /shape \(1\.5\)/,
  ],
  'a storage larger than its file': [
    p.torchZip(p.dictionary({ w: p.tensor(p.storage('FloatStorage', '0', 5), 0, [4], [1]) }), one),
    /storage 0 has 16 bytes, its 5 elements need 20/,
  ],
  'a storage of 4 TB in an old file': [
    Buffer.concat([
      p.legacyHead(p.dictionary({ w: p.tensor(p.storage('FloatStorage', '0', 2 ** 40), 0, [2 ** 40], [1]) }), ['0']),
      Buffer.from(p.u64(2 ** 40), 'latin1'),
    ]),
    /storage 0 is cut off/,
  ],

  // Archives.
  'members that overlap': [overlapping(200), /lies over what comes after it/],
  'members of one name': [twins(), /have the same name/],
  'a pickle that unpacks to 2 GiB': [
    (() => {
      const archive = Buffer.from(zipSync({ 'a/data.pkl': p.pickle('N') }, { level: 6 }));
      archive.writeUInt32LE(2 ** 31, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24);
      return archive;
    })(),
    /2147483648 bytes when unpacked/,
  ],

  // safetensors.
  'tensors that overlap': [p.safetensors({ v: entry([0, 16]), w: entry([0, 16]) }, data), /"w" lies over another one/],
  'a tensor twice': [
    p.safetensors(
      '{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"\\u0077":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
      data,
    ),
    /has "w" twice/,
  ],
  'a length twice': [
    p.safetensors('{"w":{"dtype":"F32","shape":[2],"shape":[4],"data_offsets":[0,16]}}', data),
    /has "shape" twice/,
  ],
  'bytes between tensors': [p.safetensors({ w: entry([4, 16], [3]) }, data), /bytes of no tensor before "w"/],
  'bytes after the last tensor': [p.safetensors({ w: entry([0, 12], [3]) }, data), /4 bytes of no tensor at its end/],
  'a tensor beyond the end': [p.safetensors({ w: entry([0, 20], [5]) }, data), /"w" is cut off/],
  'another size than the shape': [p.safetensors({ w: entry([0, 16], [3]) }, data), /has 16 bytes, its shape needs 12/],
  'a fraction of a row': [p.safetensors({ w: entry([0, 16], [1.5]) }, data), /the shape \(1\.5\)/],
  'a product beyond numbers': [p.safetensors({ w: entry([0, 16], [2 ** 40, 2 ** 40]) }, data), /the shape/],
  'a shape that is text': [p.safetensors({ w: entry([0, 16], '4') }, data), /the shape \(string\)/],
  'offsets in lists': [
    p.safetensors(
      `{"w":{"dtype":"F32","shape":[4],"data_offsets":${repeated('[', 100_000)}${repeated(']', 100_000)}}}`,
      data,
    ),
    /the place/,
  ],
  'a header of 4 GB': [
    Buffer.concat([Buffer.from(p.u64(2 ** 32), 'latin1'), Buffer.from('{}')]),
    /\.safetensors is not/,
  ],
  'metadata that are no text': [p.safetensors({ __metadata__: { a: 1 }, w: entry([0, 16]) }, data), /metadata "a"/],
};

/** Writes one of them into a folder, with the name that its content has, and says where. */
export function writeHostile(folder: string, name: string): string {
  const [bytes] = HOSTILE[name]!;
  const isPickle = bytes[0] === 0x50 || bytes[0] === 0x80;
  const file = join(folder, `${Object.keys(HOSTILE).indexOf(name)}.${isPickle ? 'pth' : 'safetensors'}`);
  writeFileSync(file, bytes);
  return file;
}
