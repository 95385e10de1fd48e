import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';
import { cacheFolder } from './cache.mjs';
import { isWhole, keepXlaFunctions, xlaFolder, xlaMachine } from './xla-cache.ts';

const PROGRAM = `
  import * as tf from '@tensorflow/tfjs-core';
  import { loadEngine, repeated } from '@dualprior/core';
  const engine = loadEngine('cpu');
  const step = engine.compile((x) => repeated([], 'block', x, (y) => tf.square(y)), { xla: true });
  try {
    console.log(step.run(tf.tensor1d([3])).dataSync()[0], engine.xlaNote ?? '');
  } catch (error) {
    console.log(error.message);
  }
`;

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'xla-'));
});

/** Compiles and runs a step in a process of its own, with this folder of the cache or with flags of the user's own. */
function start(flags?: string) {
  const { TF_CPP_MIN_LOG_LEVEL: _, TF_XLA_FLAGS: __, ...env } = process.env;
  if (!readdirSync(cache).includes('engine')) symlinkSync(join(cacheFolder(), 'engine'), join(cache, 'engine'));
  const { stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', PROGRAM], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...env, DUALPRIOR_CACHE: cache, ...(flags !== undefined && { TF_XLA_FLAGS: flags }) },
  });
  return { stdout: stdout.trim(), stderr };
}

const entries = () => {
  const [folder] = readdirSync(join(cache, 'xla'));
  return readdirSync(join(cache, 'xla', folder!)).map((name) => join(cache, 'xla', folder!, name));
};

test('XLA takes what it compiled from its cache at the next start, also after an entry was cut off', () => {
  const first = start();
  expect(first).toEqual({ stdout: '9', stderr: '' });
  const kept = entries();
  expect(kept).toEqual([expect.stringContaining('XLA_CPU_JIT')]);
  expect(isWhole(kept[0]!)).toBe(true);
  expect(start()).toEqual(first);
  for (const length of [0, 100]) {
    truncateSync(kept[0]!, length);
    expect(start()).toEqual(first);
    expect(entries()).toEqual(kept);
    expect(isWhole(kept[0]!)).toBe(true);
  }
}, 60_000);

test('a cache that cannot be written is left alone, with a note', () => {
  writeFileSync(join(cache, 'xla'), 'a file in its place');
  const { stdout } = start();
  expect(stdout).toMatch(/^9 XLA cannot keep what it compiles in .*xla.* so it compiles again at every start\.$/);
}, 60_000);

test("the error of a cache of the user's own names it", () => {
  const own = join(cache, 'file');
  writeFileSync(own, '');
  const { stdout } = start(`--tf_xla_persistent_cache_directory=${own}`);
  expect(stdout).toContain(`If that is about what XLA keeps in ${own}: remove that folder.`);
}, 60_000);

describe('the folder', () => {
  const folderOf = (machine: string) => {
    const env: NodeJS.ProcessEnv = {};
    keepXlaFunctions(machine, env, cache);
    return xlaFolder(env);
  };

  test('is another one for another processor, GPU, driver or set of flags', () => {
    const gpu = { name: 'NVIDIA H100', bytes: 1, capability: '9.0', driver: '580.65' };
    const machines = [
      xlaMachine(undefined, {}),
      xlaMachine(undefined, { XLA_FLAGS: '--xla_cpu_max_isa=SSE4_2' }),
      xlaMachine(gpu, {}),
      xlaMachine({ ...gpu, driver: '580.82' }, {}),
      xlaMachine({ ...gpu, capability: '8.0' }, {}),
    ];
    expect(new Set(machines.map(folderOf)).size).toBe(machines.length);
    expect(xlaMachine(gpu, {})).toBe(machines[2]);
  });

  test('that the user names stays', () => {
    const env = { TF_XLA_FLAGS: '--tf_xla_persistent_cache_directory=/elsewhere' };
    expect(keepXlaFunctions('abc', env, cache)).toBeUndefined();
    expect(xlaFolder(env)).toBe('/elsewhere');
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('a file of protocol buffer fields', () => {
  // Field 1: a varint of two bytes; field 2: three bytes; field 3: eight; field 4: four.
  const bytes = Buffer.from([0x08, 0x96, 0x01, 0x12, 3, 1, 2, 3, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4]);
  const ends = [0, 3, 8, 17, 22];

  test.each(Array.from({ length: bytes.length + 1 }, (_, length) => length))('of the first %d bytes', (length) => {
    mkdirSync(cache, { recursive: true });
    const file = join(cache, 'entry.pb');
    writeFileSync(file, bytes.subarray(0, length));
    expect(readFileSync(file)).toHaveLength(length);
    expect(isWhole(file)).toBe(length > 0 && ends.includes(length));
  });
});
