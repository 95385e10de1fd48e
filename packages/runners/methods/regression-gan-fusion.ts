import { parameterCount } from '@dualprior/blocks/nn';
import { reference, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { asFuser, type TrainedFuser } from '../networks/inversion-networks.ts';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { DualPrior } from '../networks/dual-prior.ts';
import { methods, type Method, type MethodViews } from './method.ts';

const network = (description: string) => reference<TrainedNetwork>('networks', { description });

const Options = Type.Object({
  regressor: network('R, e.g. `restore.regressor`'),
  encoder: Type.Optional(network('E, e.g. `invert.encoder`; not with `output: regressed`')),
  generator: Type.Optional(network('G, e.g. `invert.generator`; not with `output: regressed`')),
  fusion: Type.Optional(network('F, e.g. `fuse.fusion`; only with `output: fused`')),
  output: Type.Union([Type.Literal('fused'), Type.Literal('regressed'), Type.Literal('inverted')], {
    default: 'fused',
    description: 'the image to return: x_hat, x_R or x_G (figure 2 shows all three)',
  }),
});

type MethodOptions = Static<typeof Options>;
type Role = 'encoder' | 'generator' | 'fusion';

/** What the result needs beside R. More is refused: what made it would count as this method's training. */
const NEEDED: Readonly<Record<MethodOptions['output'], readonly Role[]>> = {
  regressed: [],
  inverted: ['encoder', 'generator'],
  fused: ['encoder', 'generator', 'fusion'],
};

/** The paper's method: x -> x_R -> (f, w) -> x_G -> x_hat. */
@methods.component({
  type: 'regression-gan-fusion',
  description: 'regression, GAN inversion of its result, fusion of both (the paper)',
  options: Options,
})
export class RegressionGanFusionMethod implements Method {
  readonly #regressor: TrainedRestorer;
  readonly #prior: DualPrior | undefined;
  readonly #fusion: TrainedFuser | undefined;

  /** Errors: a network that the output needs is missing, or one is given that it does not need; networks that do not fit together. */
  constructor(options: MethodOptions) {
    checkRoles(options);
    const { regressor, encoder, generator, fusion } = options;
    this.#regressor = asRestorer(regressor);
    this.#prior = encoder && generator && new DualPrior({ regressor, encoder, generator });
    this.#fusion = fusion && asFuser(fusion);
  }

  get parameters(): number {
    const networks = [this.#regressor, this.#prior?.encoder, this.#prior?.generator, this.#fusion];
    return networks.reduce((sum, each) => sum + (each ? parameterCount(each.module) : 0), 0);
  }

  /** The generator makes images of one size only. */
  get size(): number | undefined {
    return this.#prior?.size;
  }

  /** The generator makes faces, aligned as those that it was trained on. */
  get isForAlignedFaces(): boolean {
    return this.#prior !== undefined;
  }

  get multiple(): number {
    return this.#regressor.module.multiple;
  }

  get stride(): number | undefined {
    return this.#regressor.module.stride;
  }

  /** Figure 2: the method's own images side by side, where its result is the fused one. */
  get views(): MethodViews | undefined {
    if (!this.#fusion) return undefined;
    return { names: ['x_R', 'x_G', 'x_hat'], make: (degraded) => this.#steps(degraded) };
  }

  restore(degraded: Tensor4D): Tensor4D {
    return this.#steps(degraded).at(-1)!;
  }

  /** x_R, x_G, x_hat, as far as the result. */
  #steps(degraded: Tensor4D): Tensor4D[] {
    const regressed = this.#regressor.restore(degraded);
    if (!this.#prior) return [regressed];
    const inverted = this.#prior.invert(regressed);
    if (!this.#fusion) return [regressed, inverted];
    const { module: fuser, parameters: weights } = this.#fusion;
    return [regressed, inverted, weights.use(() => fuser.fuse(regressed, inverted))];
  }
}

function checkRoles(options: MethodOptions): void {
  const needed = NEEDED[options.output];
  const roles = NEEDED.fused;
  const missing = roles.filter((role) => needed.includes(role) && options[role] === undefined);
  const unused = roles.filter((role) => !needed.includes(role) && options[role] !== undefined);
  const problems = [
    ...missing.map((role) => `it needs \`${role}\`, which is missing`),
    ...unused.map((role) => `it does not use \`${role}\`; leave it out`),
  ];
  if (problems.length === 0) return;
  throw new UserError(`regression-gan-fusion with \`output: ${options.output}\`: ${problems.join('; ')}.`);
}
