import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { refuseTooMany, subjectOf, type Dataset, type Unreadable } from '@dualprior/blocks';
import { makeFolder, parseSealedJson, sealedJson } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { Console } from '../console/console.ts';
import type { UnreadableRecord } from '../inference/unreadable-images.ts';

const SHOWN = 5;

interface Saved {
  /** Identity of the data set. */
  readonly data: string;
  readonly images: readonly Unreadable[];
}

/** The test images of a run that could not be read, kept in a file, so that every session measures every method on the same images. */
export class MissingImages implements UnreadableRecord {
  #images: readonly Unreadable[];

  constructor(
    private readonly file: string,
    private readonly identity: string,
    private readonly data: Pick<Dataset, 'length'>,
    private readonly console: Pick<Console, 'warn'>,
  ) {
    const saved = read(file);
    this.#images = saved?.data === identity ? saved.images : [];
  }

  get all(): readonly Unreadable[] {
    return this.#images;
  }

  add(found: readonly Unreadable[]): void {
    const images = new Map([...found, ...this.#images].map((image) => [image.index, image]));
    const more = [...images.values()].filter((image) => !this.#images.includes(image));
    refuseTooMany([...images.values()], this.data.length);
    const files = new Map(more.filter(({ isKnown }) => !isKnown).map(({ file, reason }) => [file, reason]));
    files.forEach((reason, file) => this.console.warn(`${file} is skipped: ${reason}. No method is measured on it.`));
    this.#images = [...images.values()].sort((a, b) => a.index - b.index);
    makeFolder(dirname(this.file));
    const saved: Saved = { data: this.identity, images: this.#images };
    writeFileAtomic.sync(this.file, sealedJson(saved));
  }

  /** For the line under the table; none where all images could be read. */
  get notes(): string[] {
    const reasons = new Map(this.#images.map(({ name, reason }) => [subjectOf(name), reason]));
    if (reasons.size === 0) return [];
    const shown = [...reasons].slice(0, SHOWN).map(([name, reason]) => `${name}: ${reason}`);
    const more = reasons.size > SHOWN ? ` and ${reasons.size - SHOWN} more` : '';
    return [`Missing from all rows (${shown.join('; ')}${more}).`];
  }
}

/** Undefined for a file that is missing or damaged: what cannot be read shows again. */
function read(file: string): Saved | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const saved = parseSealedJson(readFileSync(file, 'utf8')).value as Partial<Saved>;
    return typeof saved.data === 'string' && Array.isArray(saved.images) ? (saved as Saved) : undefined;
  } catch {
    return undefined;
  }
}
