import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { hueShifted } from './pixels/hue.ts';
import { luma } from './pixels/luma.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const ShiftOptions = Type.Object({
  shift: Type.Number({
    minimum: 0,
    maximum: 255,
    default: 20,
    description: 'greatest change of a channel, in levels of 8 bits',
  }),
  quantize: quantizeOption,
});

/** Each channel is made lighter or darker by a number of its own, at most `shift` (GFPGAN's `color_jitter`). */
@degradations.component({ type: 'color-shift', description: 'a colour cast', options: ShiftOptions })
export class ColorShift implements Degradation {
  constructor(private readonly options: Static<typeof ShiftOptions>) {}

  bind(_random: Random): Degrade {
    const { shift, quantize } = this.options;
    return (image, stream) => {
      const by = [0, 1, 2].map(() => stream.uniform(-shift, shift));
      return quantized(
        changed(image, (value, i) => value + by[i % 3]!),
        quantize,
      );
    };
  }
}

/** Grey, with three equal channels. */
@degradations.component({ type: 'gray', description: 'conversion to grey', options: Type.Object({}) })
export class Gray implements Degradation {
  bind(_random: Random): Degrade {
    return (image) => {
      const grey = luma(image);
      return quantized(
        changed(image, (_, i) => grey[Math.floor(i / 3)]!),
        image.data instanceof Uint8Array,
      );
    };
  }
}

const times = (what: string, range: [number, number]) =>
  rangeOption({
    minimum: 0,
    maximum: 10,
    default: range,
    description: `what ${what} is multiplied by, or [least, greatest]`,
  });

const JitterOptions = Type.Object({
  brightness: times('brightness', [0.5, 1.5]),
  contrast: times('contrast', [0.5, 1.5]),
  saturation: times('saturation', [0, 1.5]),
  hue: rangeOption({
    minimum: -0.5,
    maximum: 0.5,
    default: [-0.1, 0.1],
    description: 'rotation of the hue, in turns of the colour circle, or [least, greatest]',
  }),
  quantize: quantizeOption,
});

type Change = (image: Image) => Image;

/** Brightness, contrast, saturation and hue, in random order, as torchvision's `adjust_*` change them (GFPGAN's `color_jitter_pt`). */
@degradations.component({
  type: 'color-jitter',
  description: 'changed brightness, contrast, saturation and hue',
  options: JitterOptions,
})
export class ColorJitter implements Degradation {
  readonly #changes: readonly ((stream: Stream) => Change)[];

  constructor(private readonly options: Static<typeof JitterOptions>) {
    const { brightness, contrast, saturation, hue } = options;
    const drawn = (range: typeof hue, name: string, change: (by: number) => Change) => {
      const draw = drawing(range, name);
      return (stream: Stream) => change(draw(stream));
    };
    this.#changes = [
      drawn(brightness, 'brightness', (by) => (image) => blended(image, () => 0, by)),
      drawn(contrast, 'contrast', (by) => (image) => {
        const grey = luma(image);
        const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
        return blended(image, () => mean, by);
      }),
      drawn(saturation, 'saturation', (by) => (image) => {
        const grey = luma(image);
        return blended(image, (i) => grey[Math.floor(i / 3)]!, by);
      }),
      drawn(hue, 'hue', (by) => (image) => hueShifted(image, by)),
    ];
  }

  bind(_random: Random): Degrade {
    return (image, stream) => {
      const order = stream.permutation(this.#changes.length);
      const jittered = order.reduce((changed, at) => this.#changes[at]!(stream)(changed), image);
      return quantized(jittered, this.options.quantize);
    };
  }
}

/** The image mixed with another one: `share` of it. */
function blended(image: Image, other: (i: number) => number, share: number): Image {
  return changed(image, (value, i) => share * value + (1 - share) * other(i));
}

function changed({ width, height, data }: Image, change: (value: number, i: number) => number): Image {
  const values = Float32Array.from(data, (value, i) => Math.min(255, Math.max(0, change(value, i))));
  return { width, height, data: values };
}
