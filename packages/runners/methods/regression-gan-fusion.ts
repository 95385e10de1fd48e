import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { asFuser, type TrainedFuser } from '../experiment/inversion-networks.ts';
import type { TrainedNetwork } from '../experiment/trained-network.ts';
import { DualPrior } from '../restoration/dual-prior.ts';
import { methods, type Method, type MethodViews } from './method.ts';

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

  /** Figure 2: the method's own images side by side, where its result is the fused one. */
  get views(): MethodViews | undefined {
    if (this.options.output !== 'fused') return undefined;
    return { names: ['x_R', 'x_G', 'x_hat'], make: (degraded) => this.#steps(degraded) };
  }

  restore(degraded: Tensor4D): Tensor4D {
    if (this.options.output === 'fused') return this.#steps(degraded)[2];
    const regressed = this.#prior.regress(degraded);
    return this.options.output === 'regressed' ? regressed : this.#prior.invert(regressed);
  }

  /** x_R, x_G, x_hat. */
  #steps(degraded: Tensor4D): [Tensor4D, Tensor4D, Tensor4D] {
    const regressed = this.#prior.regress(degraded);
    const inverted = this.#prior.invert(regressed);
    const { module, parameters } = this.#fusion;
    return [regressed, inverted, parameters.use(() => module.fuse(regressed, inverted))];
  }
}
