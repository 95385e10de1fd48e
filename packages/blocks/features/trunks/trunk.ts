import { didYouMean, Module, UserError } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** The name by which a layer takes the image itself. */
export const IMAGE = 'image';

/** A layer of a trunk: a function of earlier layers. */
export interface Layer {
  readonly name: string;
  readonly inputs: readonly string[];
  run(inputs: readonly Tensor4D[]): Tensor4D;
  /** Side of the result for sides of the inputs; below 1 where the inputs are too small. Absent: the first input's. */
  side?(inputs: readonly number[]): number;
}

/** A network of named layers, of which any can be asked for. Of the image (NHWC, [0, 1]) it takes what its first layer makes of it. */
export class Trunk extends Module {
  readonly #layers: ReadonlyMap<string, Layer>;

  /** `modules`: what holds the parameters, by the names of the official state dict. */
  constructor(
    readonly type: string,
    layers: readonly Layer[],
    modules: Readonly<Record<string, unknown>>,
  ) {
    super();
    this.#layers = new Map(layers.map((layer) => [layer.name, layer]));
    Object.assign(this, modules);
  }

  get layers(): string[] {
    return [...this.#layers.keys()];
  }

  /** Computes these layers and what they need. Errors: `UserError` for an unknown layer, or an image too small. */
  taps(image: Tensor4D, names: readonly string[]): Tensor4D[] {
    const [, height, width] = image.shape;
    const least = this.minimumSide(names);
    if (Math.min(height, width) < least) {
      throw new UserError(
        `"${this.type}" needs images of at least ${least}x${least} pixels for ${names.join(', ')}, but this one is ${width}x${height}.`,
      );
    }
    return this.tapsAfter(IMAGE, image, names);
  }

  /** The same where what a layer makes is given instead of the image. */
  tapsAfter(layer: string, given: Tensor4D, names: readonly string[]): Tensor4D[] {
    const known = new Map([[layer, given]]);
    return names.map((name) => this.#compute(name, known));
  }

  /** Smallest side of an image for these layers. Errors: `UserError` for an unknown layer. */
  minimumSide(names: readonly string[]): number {
    names.forEach((name) => this.#layer(name));
    const fits = (side: number) => {
      const known = new Map([[IMAGE, side]]);
      return names.every((name) => this.#side(name, known) >= 1);
    };
    let side = 1;
    while (!fits(side)) side++;
    return side;
  }

  #compute(name: string, known: Map<string, Tensor4D>): Tensor4D {
    const found = known.get(name);
    if (found) return found;
    const { inputs, run } = this.#layer(name);
    const result = run(inputs.map((input) => this.#compute(input, known)));
    known.set(name, result);
    return result;
  }

  /** 0 where any input is too small. */
  #side(name: string, known: Map<string, number>): number {
    const found = known.get(name);
    if (found !== undefined) return found;
    const { inputs, side } = this.#layer(name);
    const sides = inputs.map((input) => this.#side(input, known));
    const result = sides.some((length) => length < 1) ? 0 : side ? side(sides) : sides[0]!;
    known.set(name, result);
    return result;
  }

  #layer(name: string): Layer {
    const layer = this.#layers.get(name);
    if (layer) return layer;
    const hint = didYouMean(name, this.#layers.keys());
    const found = `"${this.type}" has no layer "${name}"`;
    throw new UserError(hint ? `${found}; ${hint}` : `${found}. Its layers: ${this.layers.join(', ')}.`);
  }
}
