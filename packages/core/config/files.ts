import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { systemReason } from '../files/system-reason.ts';
import { fillEnvironment } from './environment.ts';
import { merge } from './merge.ts';
import { nearest } from './nearest.ts';
import { isNull, type MapNode, type Node, type ScalarNode } from './node.ts';
import type { Findings } from './findings.ts';
import { Source, type Place } from './source.ts';
import { parseYaml } from './yaml.ts';

/** Far more than any experiment needs, in bytes; YAML is slow to read. */
const LARGEST = 2 ** 18;

/** Reads a file and all that it extends, merged, without the key `extends`. */
export class FileReader {
  /** What is read already, by real path: several files may extend the same one. */
  readonly #done = new Map<string, MapNode | undefined>();

  constructor(
    /** The working directory of the user: file names in messages are relative to it. */
    readonly cwd: string,
    readonly env: NodeJS.ProcessEnv,
    readonly findings: Findings,
  ) {}

  /** `chain`: the files that led here, each extending the next; `from`: where this one is named. */
  read(file: string, chain: readonly string[] = [], from?: Place): MapNode | undefined {
    const text = this.#text(file, from);
    if (text === undefined) return undefined;
    const path = realpathSync(file);
    if (this.#done.has(path)) return this.#done.get(path);
    if (chain.includes(path)) {
      const cycle = [...chain.slice(chain.indexOf(path)), path].map((each) => this.#show(each)).join(' → ');
      this.findings.lose({ place: from, message: `files extend each other in a circle: ${cycle}` });
      return undefined;
    }
    const root = this.#parse(file, text, [...chain, path]);
    this.#done.set(path, root);
    return root;
  }

  #parse(file: string, text: string, chain: readonly string[]): MapNode | undefined {
    const source = new Source(this.#show(file), text, dirname(file));
    const before = this.findings.all.length;
    const root = parseYaml(source, this.findings);
    if (this.findings.all.length > before && !root) return undefined;
    if (root?.kind !== 'map') {
      this.#notAMap(source, root);
      return undefined;
    }
    return this.#extend(root, source, chain);
  }

  #extend(root: MapNode, source: Source, chain: readonly string[]): MapNode {
    const entry = root.entries.get('extends');
    if (!entry) return root;
    const entries = new Map(root.entries);
    entries.delete('extends');
    const own: MapNode = { ...root, entries };
    const bases = this.#names(entry.value).map((name) => this.#base(name, source, chain));
    const layers = [...bases.filter((base) => base !== undefined), own];
    return layers.reduce<Node>((below, above) => merge(below, above), layers.shift()!) as MapNode;
  }

  #base(name: ScalarNode, source: Source, chain: readonly string[]): MapNode | undefined {
    const { text, beginsWithVariable, findings } = fillEnvironment(String(name.value), name.place, this.env);
    findings.forEach((finding) => this.findings.lose(finding));
    if (findings.length > 0) return undefined;
    return this.read(resolve(beginsWithVariable ? this.cwd : source.folder, text), chain, name.place);
  }

  #names(node: Node): ScalarNode[] {
    if (isNull(node)) return [];
    const items = node.kind === 'list' ? node.items : [node];
    const names = items.filter((item): item is ScalarNode => item.kind === 'scalar' && typeof item.value === 'string');
    if (names.length < items.length) {
      const { place } = items.find((item) => !names.includes(item as ScalarNode))!;
      this.findings.lose({
        place,
        message: 'extends is not a file name',
        allowed: 'a file name, or a list of file names',
      });
    }
    return names;
  }

  #text(file: string, from: Place | undefined): string | undefined {
    const complain = (message: string, hint?: string) => {
      this.findings.lose(from ? { place: from, message, hint } : { message, hint });
      return undefined;
    };
    try {
      const stats = statSync(file);
      if (stats.isDirectory()) return complain(`${this.#show(file)} is a folder, not a file`, this.#filesIn(file));
      if (!stats.isFile()) return complain(`${this.#show(file)} is a device or a pipe, not a file`);
      const bytes = readStart(file, LARGEST + 1);
      if (bytes.length > LARGEST) {
        const size = `${Math.ceil(Math.max(stats.size, bytes.length) / 1024)} kB`;
        return complain(`${this.#show(file)} is too large for an experiment: ${size}, at most ${LARGEST / 1024} kB`);
      }
      if (bytes.includes(0)) return complain(`${this.#show(file)} is not a text file`);
      return bytes.toString('utf8').replace(/^\uFEFF/, '');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR')
        return complain(`there is no file ${this.#show(file)}`, this.#neighbour(file, from));
      if (code === 'EACCES') return complain(`${this.#show(file)} may not be read (permission denied)`);
      if (code === 'ELOOP') return complain(`${this.#show(file)} is a symbolic link that leads back to itself`);
      if (code === undefined) throw error;
      return complain(`${this.#show(file)} cannot be read (${systemReason(error) ?? code})`);
    }
  }

  #notAMap(source: Source, root: Node | undefined): void {
    if (!root || isNull(root)) {
      this.findings.lose({
        file: source.name,
        message: 'the file is empty',
        hint: 'experiments/smoke.yaml is a good start',
      });
      return;
    }
    const found = root.kind === 'list' ? 'a list' : 'a single value';
    this.findings.lose({
      place: firstLine(root.place),
      message: 'an experiment is a map of keys',
      found,
      allowed: 'lines like "name: my-experiment"',
    });
  }

  /** The file that was meant, as it would be written in its place. */
  #neighbour(file: string, from: Place | undefined): string | undefined {
    const folder = dirname(file);
    if (!existsSync(folder)) return `there is no folder ${this.#show(folder)} either`;
    if (!statSync(folder).isDirectory()) return `${this.#show(folder)} is a file, not a folder`;
    const names = new Map(yamlFiles(folder).map((name) => [withoutEnding(name), name]));
    const near = names.get(nearest(withoutEnding(basename(file)), names.keys()) ?? '');
    if (near === undefined) return this.#filesIn(folder);
    const path = join(folder, near);
    return `did you mean "${from?.source.isFile ? relative(from.source.folder, path) : this.#show(path)}"?`;
  }

  #filesIn(folder: string): string | undefined {
    const files = yamlFiles(folder);
    return files.length === 0 ? undefined : `it holds ${files.slice(0, 8).join(', ')}`;
  }

  #show(file: string): string {
    return showFile(file, this.cwd);
  }
}

/** A path as the user would write it. */
export function showFile(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') || path === '' ? file : path;
}

function withoutEnding(name: string): string {
  return name.replace(/\.ya?ml$/, '');
}

/** Names of a folder's experiments; none where it may not be read. */
function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return [];
  }
}

/** At most so many bytes of a file: some that the system makes up as they are read have no end, and no size. */
function readStart(file: string, most: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length < most;) {
      const chunk = Buffer.alloc(Math.min(2 ** 16, most - length));
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

function firstLine(place: Place): Place {
  const { source, start } = place;
  return { source, start, end: start + source.line(source.position(start).line).length };
}
