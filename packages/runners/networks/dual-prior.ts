import { toSigned, toUnit, type Inversion } from '@dualprior/blocks/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { asGenerator, type TrainedGenerator } from './gan-networks.ts';
import { asEncoder, type TrainedEncoder } from './inversion-networks.ts';
import { asRestorer, type TrainedRestorer } from './restorer.ts';
import { misfitError, type TrainedNetwork } from './trained-network.ts';

/**
 * The paper's way to x_G: x -> R -> x_R -> E -> (f, w) -> G -> x_G. Images are NHWC in [0, 1], not clipped; the generator's noise is
 * the stored one, so that results follow from the image alone. Errors: networks that do not fit together.
 */
export class DualPrior {
  readonly regressor: TrainedRestorer;
  readonly encoder: TrainedEncoder;
  readonly generator: TrainedGenerator;

  constructor(networks: Readonly<Record<'regressor' | 'encoder' | 'generator', TrainedNetwork>>) {
    this.regressor = asRestorer(networks.regressor);
    this.encoder = asEncoder(networks.encoder);
    this.generator = asGenerator(networks.generator);
    refuseMisfit(this.encoder, this.generator);
    this.generator.fillMeanLatent?.();
  }

  /** Height and width of all images. */
  get size(): number {
    return this.generator.module.size;
  }

  /** x_R. */
  regress(degraded: Tensor4D): Tensor4D {
    return this.regressor.restore(degraded);
  }

  /** x_R and x_G, with the networks' own weights. */
  images(degraded: Tensor4D): { readonly regressed: Tensor4D; readonly inverted: Tensor4D } {
    const regressed = this.regress(degraded);
    return { regressed, inverted: this.invert(regressed) };
  }

  /** x_G of x_R, with the networks' own weights. */
  invert(regressed: Tensor4D): Tensor4D {
    const { encoder, generator } = this;
    return encoder.parameters.use(() => generator.parameters.use(() => this.synthesize(this.encode(regressed))));
  }

  /** (f, w) of x_R, with the encoder's parameters in use (`Parameters.use`). */
  encode(regressed: Tensor4D): Inversion {
    return this.encoder.module.encode(toSigned(regressed));
  }

  /** x_G of (f, w), where the generator has numbers. w is an offset from the mean latent, as in pSp. */
  synthesize({ feature, latents }: Inversion): Tensor4D {
    const { module: generator } = this.generator;
    const { resolution } = this.encoder.module;
    const [batch, , width] = latents.shape;
    const mean: Tensor3D = tf.reshape<tf.Rank.R3>(generator.meanLatent() as Tensor2D, [1, 1, width]);
    const unused: Tensor3D = tf.tile(mean, [batch, generator.firstLatent(resolution), 1]);
    const w: Tensor3D = tf.concat([unused, tf.add<Tensor3D>(mean, latents)], 1);
    return toUnit(generator.synthesize(w, { from: { resolution, feature } }));
  }
}

function refuseMisfit(encoder: TrainedEncoder, generator: TrainedGenerator): void {
  const [e, g] = [encoder.module, generator.module];
  const { resolution } = e;
  if (!g.resolutions.includes(resolution)) {
    const allowed = g.resolutions.join(', ');
    throw misfitError(encoder, generator, '', [{ option: 'resolution', found: resolution, allowed }]);
  }
  const wanted: [option: string, found: number, needed: number][] = [
    ['size', e.size, g.size],
    ['featureChannels', e.featureChannels, g.featureChannels(resolution)],
    ['latents', e.latents, g.latents - g.firstLatent(resolution)],
    ['styleWidth', e.styleWidth, g.styleWidth],
  ];
  const misfits = wanted.filter(([, found, needed]) => found !== needed);
  if (misfits.length === 0) return;
  const where = `, where f enters at ${resolution}x${resolution}`;
  throw misfitError(
    encoder,
    generator,
    where,
    misfits.map(([option, found, needed]) => ({ option, found, allowed: String(needed) })),
  );
}
