import { Type, type Static } from '@sinclair/typebox';
import { reference, UserError, type Random, type Stream } from '@dualprior/core';
import { datasets, type Dataset } from './dataset.ts';
import { readDegraded } from './sampler/pair-at.ts';
import type { Image, Size, Window } from '../images/image.ts';

const Options = Type.Object({
  of: reference<Dataset>('data', { description: 'the data set whose images they are' }),
  times: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'how often each image occurs, each time with another degradation (another kernel)',
  }),
});

/**
 * All images of a data set, and all of them again, ..., each time degraded again. The first time they have the names and the degradations
 * that they have there, then `0412.jpg~2`, `0412.jpg~3`, ...
 */
@datasets.component({
  type: 'repeated',
  description: 'the images of another data set several times, each time with another degradation',
  options: Options,
  about: ({ of }) => ({ of, heldOut: false }),
})
export class Repeated implements Dataset {
  readonly heldOut = undefined;
  readonly #of: Dataset;

  constructor(private readonly options: Static<typeof Options>) {
    this.#of = options.of;
  }

  get random(): Random {
    return this.#of.random;
  }

  get length(): number {
    return this.#of.length * this.options.times;
  }

  name(index: number): string {
    const round = Math.floor(index / this.#of.length) + 1;
    return this.#of.name(this.#image(index)) + (round > 1 ? `~${round}` : '');
  }

  size(index: number): Size | undefined {
    return this.#of.size(this.#image(index));
  }

  file(index: number): string | undefined {
    return this.#of.file(this.#image(index));
  }

  read(index: number): Promise<Image> {
    return this.#of.read(this.#image(index));
  }

  get hasSharp(): boolean {
    return this.#of.hasSharp;
  }

  get degraded(): Dataset['degraded'] {
    return this.#of.degraded;
  }

  readDegraded(index: number): Promise<Image> {
    return readDegraded(this.#of, this.#image(index));
  }

  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image> {
    return this.#of.degrade(sharp, stream, window);
  }

  get drawBlur(): Dataset['drawBlur'] {
    return this.#of.drawBlur;
  }

  /** Errors: the other data set has no end. */
  async prepare(found?: unknown): Promise<unknown> {
    const own = await this.#of.prepare(found);
    if (Number.isFinite(this.#of.length)) return own;
    throw new UserError('repeated: the data set whose images it repeats has no end; give that one a `limit`.');
  }

  #image(index: number): number {
    return index % this.#of.length;
  }
}

/** The image behind a name, however often it is repeated: `0412.jpg` of `0412.jpg~3`. */
export function subjectOf(name: string): string {
  return name.replace(/(~\d+)+$/, '');
}
