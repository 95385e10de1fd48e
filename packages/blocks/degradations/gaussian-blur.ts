import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import { whole, type Image, type Window } from '../images/image.ts';
import { bivariate, gaussianRow } from '../kernels/bivariate.ts';
import { convolve, separably } from './pixels/convolve.ts';
import { taps } from './pixels/taps.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { drawing, rangeOption } from './drawn/range.ts';
import { drawingSize, sizeOption } from './drawn/size.ts';

const Options = Type.Object({
  size: sizeOption(21),
  sigma: rangeOption({
    minimum: 0.05,
    maximum: 100,
    default: [0.2, 3],
    description: 'standard deviation in pixels, or [least, greatest], from which it is drawn for each image',
  }),
  isotropic: Type.Boolean({
    default: true,
    description: 'whether it is isotropic; otherwise `sigma` is drawn for each of two axes, and so is their direction',
  }),
  profile: Type.Union([Type.Literal('gaussian'), Type.Literal('generalized'), Type.Literal('plateau')], {
    default: 'gaussian',
    description:
      'how it falls off with the distance r in sigmas: exp(-r^2 / 2), exp(-r^(2 beta) / 2), or 1 / (1 + r^(2 beta))',
  }),
  beta: rangeOption({
    minimum: 0.1,
    maximum: 20,
    default: 1,
    description:
      'of the profiles `generalized` and `plateau`; of [least, greatest], every other one is drawn below 1 and above, as the authors of Real-ESRGAN do',
  }),
  quantize: quantizeOption,
});

/** Convolution with a Gaussian, or with its like (BasicSR:basicsr/data/degradations.py). The image is mirrored beyond its border. */
@degradations.component({
  type: 'gaussian-blur',
  description: 'blur of a random width, isotropic or anisotropic',
  options: Options,
})
export class GaussianBlur implements Degradation {
  readonly #size: (stream: Stream) => number;
  readonly #sigma: (stream: Stream) => number;
  readonly #beta: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#size = drawingSize(options.size);
    this.#sigma = drawing(options.sigma, 'sigma');
    this.#beta = drawingBeta(options.beta);
  }

  bind(_random: Random): Degrade {
    const { quantize } = this.options;
    return (image, stream, window = whole(image)) => {
      const { width, height } = window;
      return quantized({ width, height, data: this.#blur(image, stream, window) }, quantize);
    };
  }

  #blur(image: Image, stream: Stream, window: Window): Float32Array {
    const { isotropic, profile } = this.options;
    const size = this.#size(stream);
    const first = this.#sigma(stream);
    if (isotropic && profile === 'gaussian') return separably(image, gaussianRow(size, first), window);
    const second = isotropic ? first : this.#sigma(stream);
    const rotation = isotropic ? 0 : stream.uniform(-Math.PI, Math.PI);
    const beta = profile === 'gaussian' ? 1 : this.#beta(stream);
    const kernel = bivariate({ size, sigma: [first, second], rotation, profile, beta });
    return convolve(image, taps(kernel), 'reflect', window);
  }
}

function drawingBeta(beta: Static<typeof Options>['beta']): (stream: Stream) => number {
  if (typeof beta === 'number' || beta[0] > 1 || beta[1] < 1) return drawing(beta, 'beta');
  const [low, high] = beta;
  return (stream) => (stream.uniform() < 0.5 ? stream.uniform(low, 1) : stream.uniform(1, high));
}
