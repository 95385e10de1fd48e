/** Official weights that experiments call by a name: what they are, and where their authors publish them. */
export interface PublishedWeights {
  /** What an experiment writes: `weights: vgg16`. */
  readonly name: string;
  /** What they are, in a few words. */
  readonly description: string;
  /** Name of the file in the cache. */
  readonly file: string;
  /** The page on which the authors publish it. */
  readonly page: string;
  /** Where it can be downloaded; absent: only by hand, from the page. */
  readonly url?: string;
  /** In bytes, about; absent: no source says it. */
  readonly size?: number;
  readonly licence: string;
  /** The first digits of its SHA-256, or all, and who states them. */
  readonly sha256?: { readonly begins: string; readonly source: string };
}

/** Name of the schema keyword that says that an option may also be the name of published weights. */
export const PUBLISHED = 'x-published';

/** All published weights that this process knows, by name. */
class PublishedList {
  readonly #all = new Map<string, PublishedWeights>();

  add(...weights: readonly PublishedWeights[]): void {
    for (const each of weights) {
      if (this.#all.has(each.name)) throw new Error(`Two published weights are called "${each.name}".`);
      this.#all.set(each.name, each);
    }
  }

  find(name: string): PublishedWeights | undefined {
    return this.#all.get(name);
  }

  /** Sorted by name. */
  all(): PublishedWeights[] {
    return [...this.#all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(): string[] {
    return this.all().map(({ name }) => name);
  }
}

export const publishedWeights = new PublishedList();
