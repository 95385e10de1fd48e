import { Type } from '@sinclair/typebox';

/** The options of metrics that compare pixels. */
export const pixelMetricOptions = Type.Object({
  channel: Type.Union([Type.Literal('rgb'), Type.Literal('y')], {
    default: 'rgb',
    description: 'compare R, G and B, or the luma Y of BT.601 alone',
  }),
  cropBorder: Type.Integer({ minimum: 0, default: 0, description: 'pixels at each border to ignore' }),
});
