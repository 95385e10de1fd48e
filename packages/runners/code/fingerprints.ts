import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder, makeFolder } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';

const { version } = createRequire(import.meta.url)('esbuild/package.json') as { readonly version: string };

/** With what fingerprints are made: those of another one cannot be compared with them. */
export const MADE_BY = `esbuild ${version}`;

/** What is known of the files of a checkout, by absolute path. */
interface Known {
  readonly by: string;
  /** Times and sizes of all that was looked at, with the hash of what counts of it where it is needed. */
  readonly files: Readonly<Record<string, { readonly stamp: string; readonly hash?: string }>>;
  readonly needed: Readonly<Record<string, readonly string[]>>;
}

/**
 * Equal for files that do the same, with all that they need of the checkout (see `closures` and `plainCode`). What is known is kept in the per-user
 * cache for as long as the files' times and sizes are the same: then it takes milliseconds.
 * @param root the folder that holds `packages/`
 */
export async function fingerprints(root: string, files: readonly string[]): Promise<Map<string, string>> {
  const cache = join(cacheFolder(), 'code', `${sha256(root).slice(0, 16)}.json`);
  const before = read(cache);
  const isKnown = before && files.every((file) => file in before.needed) && isUnchanged(before);
  const known = isKnown ? before : await look(root, files, before);
  if (!isKnown) write(cache, known);
  return new Map(files.map((file) => [file, fingerprint(known, file)]));
}

/** Moving a file changes nothing, nor does the order of imports. */
function fingerprint({ files, needed }: Known, file: string): string {
  const hashes = needed[file]!.map((each) => files[each]!.hash!);
  return sha256(hashes.sort().join()).slice(0, 16);
}

async function look(root: string, files: readonly string[], before: Known | undefined): Promise<Known> {
  const { closures } = await import('./closures.ts'); // esbuild takes a while to load, and most runs need none of it
  const { plainCode } = await import('./plain-code.ts');
  const all = [...new Set([...files, ...Object.keys(before?.needed ?? {}).filter((file) => stampOf(file) !== '')])];
  const { needed, seen } = await closures(root, all);
  const used = new Set([...needed.values()].flat());
  const entries = seen.map(async (file) => {
    const stamp = stampOf(file);
    if (!used.has(file)) return [file, { stamp }] as const;
    const old = before?.files[file];
    const hash = old?.stamp === stamp ? old.hash : undefined;
    return [file, { stamp, hash: hash ?? sha256(await plainCode(file, await readFile(file, 'utf8'))) }] as const;
  });
  return { by: MADE_BY, files: Object.fromEntries(await Promise.all(entries)), needed: Object.fromEntries(needed) };
}

function isUnchanged({ files }: Known): boolean {
  return Object.entries(files).every(([file, { stamp }]) => stampOf(file) === stamp);
}

/** Empty where there is no such file. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : '';
}

/** Undefined where nothing is known, or by another version. */
function read(cache: string): Known | undefined {
  try {
    const known = JSON.parse(readFileSync(cache, 'utf8')) as Partial<Known> | null;
    return known?.by === MADE_BY && known.files && known.needed ? (known as Known) : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written is done without. */
function write(cache: string, known: Known): void {
  try {
    makeFolder(join(cache, '..'));
    writeFileAtomic.sync(cache, JSON.stringify(known));
  } catch {
    // the next run looks again
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
