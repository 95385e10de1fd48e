import { Type, type Static } from '@sinclair/typebox';
import { reference, UserError, type Random, type Stream } from '@dualprior/core';
import { datasets, type Dataset } from './dataset.ts';
import { readDegraded } from './sampler/pair-at.ts';
import type { Image, Size, Window } from '../images/image.ts';

const Options = Type.Object({
  of: reference<Dataset>('data', { description: 'the data set that holds images out (`holdOut`)' }),
});

/** The images that another data set holds out, with its degradation. */
@datasets.component({
  type: 'held-out',
  description: 'the images that another data set holds out',
  options: Options,
  about: ({ of }) => ({ of, heldOut: true }),
})
export class HeldOut implements Dataset {
  readonly heldOut = undefined;
  readonly #part: Dataset;

  constructor({ of }: Static<typeof Options>) {
    if (!of.heldOut)
      throw new UserError(
        'held-out: the data set that it is part of holds nothing out; give that one `holdOut: 32`, say.',
      );
    this.#part = of.heldOut;
  }

  get random(): Random {
    return this.#part.random;
  }

  get length(): number {
    return this.#part.length;
  }

  name(index: number): string {
    return this.#part.name(index);
  }

  size(index: number): Size | undefined {
    return this.#part.size(index);
  }

  file(index: number): string | undefined {
    return this.#part.file(index);
  }

  read(index: number): Promise<Image> {
    return this.#part.read(index);
  }

  get hasSharp(): boolean {
    return this.#part.hasSharp;
  }

  get degraded(): Dataset['degraded'] {
    return this.#part.degraded;
  }

  readDegraded(index: number): Promise<Image> {
    return readDegraded(this.#part, index);
  }

  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image> {
    return this.#part.degrade(sharp, stream, window);
  }

  get drawBlur(): Dataset['drawBlur'] {
    return this.#part.drawBlur;
  }

  prepare(found?: unknown): Promise<unknown> {
    return this.#part.prepare(found);
  }
}
