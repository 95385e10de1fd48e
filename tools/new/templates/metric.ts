import { Type, type Static } from '@sinclair/typebox';
import type { Image } from '../../../packages/blocks/images/image.ts';
import { metrics, type Column, type ImageMetric } from '../../../packages/blocks/metrics/metric.ts';
import { checkSameSize } from '../../../packages/blocks/metrics/planes/plane.ts';

const Options = Type.Object({
  above: Type.Integer({
    minimum: 0,
    maximum: 254,
    default: 8,
    description: 'a larger difference counts, of 255 levels',
  }),
});

/** Share of values in [0, 1] that differ by more than `above` levels. TODO: what your metric is, and its source. */
@metrics.component({ type: 'my-metric', description: 'share of values that are visibly wrong', options: Options })
export class MyMetric implements ImageMetric {
  static readonly possibleColumns = ['my_metric'];
  readonly columns: readonly Column[] = [{ name: 'my_metric', better: 'lower', digits: 4 }];

  constructor(private readonly options: Static<typeof Options>) {}

  /** Errors: `UserError` for images of different sizes. */
  measure(restored: Image, sharp: Image): number[] {
    checkSameSize(restored, sharp);
    const wrong = restored.data.filter((value, i) => Math.abs(value - sharp.data[i]!) > this.options.above);
    return [wrong.length / sharp.data.length];
  }
}
