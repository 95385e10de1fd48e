import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INSTALLATION } from '@dualprior/core';

/** Why a plugin could not be imported. */
interface Failure {
  /** `FILE:LINE:COLUMN` of the code that is to blame, as precisely as is known. */
  readonly place: string;
  readonly message: string;
}

/** What an error says of a plugin (its file) that was imported. */
export async function failureOf(error: unknown, file: string): Promise<Failure> {
  if (!(error instanceof Error)) return { place: file, message: `it throws ${String(error)}` };
  if (error.name === 'TransformError' || error instanceof SyntaxError) {
    const found = transformError(error) ?? (await syntaxError(file));
    if (found) return found;
  }
  const message = error.message.split('\n')[0]!;
  return { place: missing(error) ?? thrown(error) ?? file, message };
}

/** What the TypeScript loader says of the first mistake in the grammar of a file. */
function transformError({ message }: Error): Failure | undefined {
  const [, line, column, said] = /^(\/.+?:\d+):(\d+): ERROR: (.*)$/m.exec(message) ?? [];
  return said === undefined ? undefined : { place: `${line}:${Number(column) + 1}`, message: said };
}

/** The first mistake in the grammar of a file, or of the files that it imports. */
async function syntaxError(file: string): Promise<Failure | undefined> {
  const { build } = await import('esbuild');
  const options = { bundle: true, packages: 'external', write: false, logLevel: 'silent', platform: 'node' } as const;
  const { errors } = await build({ ...options, entryPoints: [file], absWorkingDir: '/' }).catch(
    (failed: Partial<Awaited<ReturnType<typeof build>>>) => ({ errors: failed.errors ?? [] }),
  );
  const [first] = errors;
  if (!first?.location) return undefined;
  const { file: path, line, column } = first.location;
  return { place: `${join('/', path)}:${line}:${column + 1}`, message: first.text };
}

/** Where a file or package is imported that is not there. */
function missing(error: NodeJS.ErrnoException): string | undefined {
  const found = /^Cannot find (?:module|package) '(.+?)' imported from '?(.+?)'?$/m.exec(error.message);
  if (!found) return undefined;
  const [, name, importer] = found as unknown as [string, string, string];
  const path = importer.startsWith('file:') ? fileURLToPath(importer) : importer;
  const lines = readFileSync(path, 'utf8').split('\n');
  const line = lines.findIndex((text) => /\b(?:import|from|require)\b/.test(text) && text.includes(basename(name)));
  return line < 0 ? path : `${path}:${line + 1}`;
}

const PLACE = /(?:^|\(|\s)(?:file:\/\/)?(\/.+?):(\d+)(?::(\d+))?(?=\)|$)/;

/** The innermost line of a stack that is neither of the product nor of what runs it. */
function thrown({ stack = '' }: Error): string | undefined {
  const foreign = ['packages', 'node_modules'].map((folder) => join(INSTALLATION, folder, '/'));
  for (const line of stack.split('\n')) {
    const [, path, row, column] = PLACE.exec(line) ?? [];
    if (path === undefined || /^\s*at __/.test(line) || foreign.some((folder) => path.startsWith(folder))) continue;
    return [decodeURI(path), row, column].filter((part) => part !== undefined).join(':');
  }
  return undefined;
}
