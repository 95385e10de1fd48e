import { refuseTooMany, type Dataset, type Unreadable } from '@dualprior/blocks';
import type { Console } from '../console/console.ts';
import type { UnreadableByUse, Use } from '../store/progress.ts';

/** The images of one data set that could not be read so far. */
export interface UnreadableRecord {
  readonly all: readonly Unreadable[];
  /** Notes more of them, with a warning each. Errors: they are too many. */
  add(found: readonly Unreadable[]): void;
}

/**
 * The images that a stage goes without, as they could not be read once. They belong to its state: a stage that is resumed goes without them
 * too, whatever their files hold by then, so that it ends as an undisturbed one.
 */
export class UnreadableImages {
  readonly #found: Record<Use, Map<number, Unreadable>> = { training: new Map(), validation: new Map() };

  constructor(private readonly console: Pick<Console, 'info' | 'warn'>) {}

  of(use: Use, data: Pick<Dataset, 'length'>): UnreadableRecord {
    const found = this.#found[use];
    return {
      get all() {
        return [...found.values()];
      },
      add: (more) => {
        const others = more.filter(({ index }) => !found.has(index));
        for (const image of others) {
          if (found.has(image.index)) continue;
          found.set(image.index, image);
          if (!image.isKnown) this.console.warn(`${image.file} is skipped: ${image.reason}. ${CONSEQUENCE[use]}`);
        }
        refuseTooMany([...found.values()], data.length);
      },
    };
  }

  /** Undefined where all images could be read. */
  get state(): UnreadableByUse | undefined {
    const uses = Object.entries(this.#found).filter(([, found]) => found.size > 0);
    if (uses.length === 0) return undefined;
    return Object.fromEntries(uses.map(([use, found]) => [use, [...found.values()].sort((a, b) => a.index - b.index)]));
  }

  restore(state: UnreadableByUse | undefined): void {
    for (const [use, images] of Object.entries(state ?? {}) as [Use, readonly Unreadable[]][]) {
      for (const image of images) this.#found[use].set(image.index, image);
      const names = images.map(({ name }) => name).join(', ');
      this.console.info(`  continues without ${names}, which could not be read in ${use} before`);
    }
  }
}

const CONSEQUENCE: Record<Use, string> = {
  training: 'Other images stand in for it.',
  validation: 'Validation goes without it.',
};
