import { Type, type Static } from '@sinclair/typebox';
import type { Random } from '@dualprior/core';
import { composed } from './drawn/composed.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';

const Options = Type.Object({
  steps: Type.Array(degradations.option(), { minItems: 1, description: 'the degradations, in this order' }),
  quantize: quantizeOption,
});

/** Several degradations, one after the other, as one: a step of another chain, or a choice. */
@degradations.component({ type: 'chain', description: 'degradations one after the other', options: Options })
export class Chain implements Degradation {
  constructor(private readonly options: Static<typeof Options>) {}

  bind(random: Random): Degrade {
    const { steps, quantize } = this.options;
    const all = composed(steps, random);
    return async (...image) => quantized(await all(...image), quantize);
  }
}
