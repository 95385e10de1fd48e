import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import {
  contextualOptions,
  formerContextual,
  PatchwiseContextual,
} from '../features/contextual/patchwise-contextual.ts';
import { losses, weight, WeightedLoss, type LossContext } from './loss.ts';

const Options = Type.Object({
  lambdaRegressed: Type.Number({ minimum: 0, default: 0.01, description: 'lambda_cxR of equation 4' }),
  lambdaInverted: Type.Number({ minimum: 0, default: 0.05, description: 'lambda_cxG of equation 4' }),
  ...contextualOptions,
  weight,
});

/** Equation 4: L_fc = lambda_cxR L_cx(x_R, x_hat) + lambda_cxG L_cx(x_G, x_hat); the target plays no part. */
@losses.component({
  type: 'fusion-contextual',
  description: 'contextual loss of the fused image to the regressed and to the inverted one (equation 4)',
  options: Options,
  about: ({ weight, lambdaRegressed, lambdaInverted }) => ({
    weight,
    lambdas: { lambda_cxR: lambdaRegressed, lambda_cxG: lambdaInverted },
  }),
  formerly: formerContextual,
})
export class FusionContextualLoss extends WeightedLoss {
  readonly needs = ['regressed', 'inverted'] as const;
  /** Name of its curve. */
  readonly label: string;
  readonly #contextual: PatchwiseContextual;

  constructor(private readonly options: Static<typeof Options>) {
    super(options);
    this.#contextual = new PatchwiseContextual(options);
    this.label = options.features.substitute ? 'fusion_contextual_substitute' : 'fusion_contextual';
  }

  get minimumSide(): number {
    return this.#contextual.minimumSide;
  }

  prepare(): Promise<void> {
    return this.#contextual.prepare();
  }

  protected formula(fused: Tensor4D, _target: Tensor4D, { regressed, inverted }: LossContext = {}): Scalar {
    const { lambdaRegressed, lambdaInverted } = this.options;
    const [toRegressed, toInverted] = this.#contextual.compute(fused, regressed!, inverted!);
    return tf.add(tf.mul(lambdaRegressed, toRegressed!), tf.mul(lambdaInverted, toInverted!));
  }

  dispose(): void {
    this.#contextual.dispose();
  }
}
