import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import type { Gpu } from './gpu/cuda-addon.ts';
import { TENSORFLOW_VERSION } from './location.mjs';
import { processorFlags } from './processor.mjs';

const OPTION = '--tf_xla_persistent_cache_directory=';
/** What a probe writes, in bytes: about as much as a compiled block takes. */
const PROBE = 2 ** 18;

/** What compiled code depends on: the processor's instructions, or the GPU and its driver; and the flags that XLA itself takes. */
export function xlaMachine(
  gpu?: Gpu & { readonly driver?: string | undefined },
  env: NodeJS.ProcessEnv = process.env,
): string {
  const device = gpu ? `${gpu.name} ${gpu.capability} ${gpu.driver ?? ''}` : processorFlags();
  return createHash('sha256')
    .update(JSON.stringify([device, env['XLA_FLAGS'] ?? '']))
    .digest('hex')
    .slice(0, 12);
}

/**
 * Has XLA keep what it compiled in the per-user cache, so that the next start is quick. Where it cannot, XLA compiles again at each start:
 * the text returned says so. Entries that are cut off, which would fail every step, are removed. A folder that the user names stays.
 */
export function keepXlaFunctions(
  machine: string,
  env: NodeJS.ProcessEnv = process.env,
  cache = cacheFolder(env),
): string | undefined {
  const flags = env['TF_XLA_FLAGS'] ?? '';
  const namesFile = /^[^-\s]/.test(flags); // a file with flags, which must stand alone
  if (namesFile || flags.includes(OPTION)) return undefined;
  const folder = join(cache, 'xla', `${TENSORFLOW_VERSION}-${machine}`);
  try {
    mkdirSync(folder, { recursive: true });
    probe(join(folder, `.probe-${process.pid}`));
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.pb') && !isWhole(join(folder, name))) rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    return `XLA cannot keep what it compiles in ${folder} (${(error as Error).message}), so it compiles again at every start.`;
  }
  env['TF_XLA_FLAGS'] = `${flags} ${OPTION}${folder}`.trim();
  return undefined;
}

/** The folder in which XLA of this process keeps what it compiled, or undefined. */
export function xlaFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env['TF_XLA_FLAGS']
    ?.split(/\s+/)
    .find((flag) => flag.startsWith(OPTION))
    ?.slice(OPTION.length);
}

/** What follows a key, in bytes, by its wire type; after a number, which is read already, nothing. */
const LENGTHS: Readonly<Record<number, (varint: () => number | undefined) => number | undefined>> = {
  0: (varint) => (varint() === undefined ? undefined : 0),
  1: () => 8,
  2: (varint) => varint(),
  5: () => 4,
};

/** Errors: nothing can be written there. */
function probe(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(PROBE, 1));
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Whether a file is a sequence of whole protocol buffer fields (https://protobuf.dev/programming-guides/encoding): one that was cut off
 * ends within a field.
 */
export function isWhole(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    let at = 0;
    const byte = Buffer.alloc(1);
    const varint = (): number | undefined => {
      for (let value = 0, shift = 0; shift < 64; shift += 7) {
        if (readSync(descriptor, byte, 0, 1, at++) === 0) return undefined;
        value += (byte[0]! & 0x7f) * 2 ** shift;
        if (byte[0]! < 0x80) return value;
      }
      return undefined;
    };
    while (at < size) {
      const key = varint();
      if (key === undefined) return false;
      const length = LENGTHS[key % 8]?.(varint);
      if (length === undefined) return false;
      at += length;
    }
    return size > 0 && at === size;
  } finally {
    closeSync(descriptor);
  }
}
