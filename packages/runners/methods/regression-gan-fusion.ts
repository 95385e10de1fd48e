import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { asFuser, type TrainedFuser } from '../experiment/inversion-networks.ts';
import type { TrainedNetwork } from '../experiment/trained-network.ts';
import { DualPrior } from '../restoration/dual-prior.ts';
import { methods, type Method } from './method.ts';

const network = (description: string) => reference<TrainedNetwork>('networks', { description });

const Options = Type.Object({
  regressor: network('R, e.g. `restore.regressor`'),
  encoder: network('E, e.g. `invert.encoder`'),
  generator: network('G, e.g. `invert.generator`'),
  fusion: network('F, e.g. `fuse.fusion`'),
  output: Type.Union([Type.Literal('fused'), Type.Literal('regressed'), Type.Literal('inverted')], {
    default: 'fused',
    description: 'which image is the result: x_hat, x_R or x_G (figure 2 shows all three)',
  }),
});

/** The paper's method: x -> x_R -> (f, w) -> x_G -> x_hat. */
@methods.component({
  type: 'regression-gan-fusion',
  description: 'regression, inversion of its result through a GAN, fusion of both (the paper)',
  options: Options,
})
export class RegressionGanFusionMethod implements Method {
  readonly #prior: DualPrior;
  readonly #fusion: TrainedFuser;

  constructor(private readonly options: Static<typeof Options>) {
    this.#prior = new DualPrior(options);
    this.#fusion = asFuser(options.fusion);
  }

  get parameters(): number {
    const { regressor, encoder, generator } = this.#prior;
    const used = { regressed: [regressor], inverted: [regressor, encoder, generator] };
    const networks = this.options.output === 'fused' ? [...used.inverted, this.#fusion] : used[this.options.output];
    return networks.reduce((sum, { parameters }) => sum + parameters.count, 0);
  }

  /** The generator makes images of one size only. */
  get size(): number | undefined {
    return this.options.output === 'regressed' ? undefined : this.#prior.size;
  }

  get multiple(): number {
    return this.#prior.regressor.module.multiple;
  }

  restore(degraded: Tensor4D): Tensor4D {
    const regressed = this.#prior.regress(degraded);
    if (this.options.output === 'regressed') return regressed;
    const inverted = this.#prior.invert(regressed);
    if (this.options.output === 'inverted') return inverted;
    const { module, parameters } = this.#fusion;
    return parameters.use(() => module.fuse(regressed, inverted));
  }
}
