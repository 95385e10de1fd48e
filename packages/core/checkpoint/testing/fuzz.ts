import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import { Random } from '../../random/random.ts';
import type { Stream } from '../../random/stream.ts';
import { sizeOf } from '../stored-tensor.ts';
import { moduleTensors } from '../tree.ts';
import { readCheckpoint } from '../weights.ts';
import { mostMemory } from './most-memory.ts';
import { safetensors } from './pickles.ts';

// Reads COUNT damaged copies of files, from SEED on: `fuzz.ts COUNT SEED [FILE...]`, by default of the files of torch-files.json. Each must
// give tensors or a UserError that names it, in less than a second of a processor. A copy that does not is kept, and named on standard
// error. Prints what came of all, and the most memory.

const [count, seed, ...given] = process.argv.slice(2) as [string, string, ...string[]];
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
const MOST_VALUES = 2 ** 20;
const MOST_SECONDS = 1;

function originals(): Uint8Array[] {
  if (given.length > 0) return given.map((file) => readFileSync(file));
  const { files } = JSON.parse(readFileSync(new URL('torch-files.json', import.meta.url), 'utf8')) as {
    files: Record<string, { file: string }>;
  };
  const two = {
    a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
    b: { dtype: 'I8', shape: [], data_offsets: [4, 5] },
  };
  return [...Object.values(files).map(({ file }) => Buffer.from(file, 'base64')), safetensors(two, new Uint8Array(5))];
}

/** One to four changes: bits, bytes, words, parts cut out or doubled, the end cut off. */
function damaged(original: Uint8Array, random: Stream): Uint8Array {
  let bytes = Buffer.from(original);
  const at = () => random.integer(bytes.length);
  for (let changes = 1 + random.integer(4); changes > 0 && bytes.length > 8; changes--) {
    const [place, length] = [at(), 1 + random.integer(16)];
    switch (random.integer(6)) {
      case 0:
        bytes[place]! ^= 1 << random.integer(8);
        break;
      case 1:
        bytes[place] = random.integer(256);
        break;
      case 2:
        bytes.fill([0, 0x7f, 0xff][random.integer(3)]!, place, Math.min(place + 4, bytes.length));
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
        break;
      default:
        if (random.integer(4) === 0) bytes = bytes.subarray(0, place);
    }
  }
  return bytes;
}

function read(file: string): 'read' | 'refused' {
  try {
    const { root, tensors } = readCheckpoint(file);
    for (const tensor of tensors.values()) if (sizeOf(tensor.shape) <= MOST_VALUES) void tensor.values;
    if (root instanceof Map) for (const value of root.values()) moduleTensors(value);
    return 'read';
  } catch (error) {
    if (error instanceof UserError && error.message.includes(file)) return 'refused';
    throw error;
  }
}

const outcomes = { read: 0, refused: 0, failed: 0 };
const sources = originals();
for (let i = 0; i < Number(count); i++) {
  const random = new Random(Number(seed)).stream(i);
  const file = join(folder, `${i}.pt`);
  writeFileSync(file, damaged(sources[random.integer(sources.length)]!, random));
  const start = process.cpuUsage();
  try {
    outcomes[read(file)]++;
    const { user, system } = process.cpuUsage(start);
    if (user + system > MOST_SECONDS * 1e6) throw new Error(`it takes ${(user + system) / 1e6} s`);
    rmSync(file);
  } catch (error) {
    outcomes.failed++;
    process.stderr.write(`${file}: ${(error as Error).stack}\n`);
  }
}
process.stdout.write(`${JSON.stringify({ ...outcomes, megabytes: Math.round(mostMemory()) })}\n`);
