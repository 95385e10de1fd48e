import {
  ADVERSARIAL_LOSSES,
  CharbonnierLoss,
  discriminatorLoss,
  L1Loss,
  logistic,
  MseLoss,
  PsnrLoss,
  SmoothL1Loss,
  TotalVariationLoss,
  type AdversarialLoss,
  type Loss,
} from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, scalar, type Golden, type GoldenFamily } from '../golden.ts';

/** The case `losses`: losses of logits and losses between the images `pred` and `target`, with gradients. */
export const losses: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'losses',

  compute(golden) {
    return new Map(golden.outputs.map((name): [string, NdArray] => [name, compute(golden, name)]));
  },
};

/** `NAME` or `grad.NAME.INPUT`. */
function compute(golden: Golden, output: string): NdArray {
  const [, name, input] = /^grad\.(.+)\.(pred|real|fake)$/.exec(output) ?? [];
  const adversarial = adversarialLoss(golden, name ?? output);
  if (adversarial) return input === undefined ? valueOf(adversarial) : logitsGradient(adversarial, input);
  const loss = imageLoss(name ?? output);
  const [prediction, target] = [golden.image('pred'), golden.image('target')];
  if (output.endsWith('_identical')) return scalar(loss.compute(prediction, prediction));
  if (input === undefined) return scalar(loss.compute(prediction, target));
  return nchw(tf.grad((x: Tensor) => loss.compute(x as Tensor4D, target))(prediction));
}

interface AdversarialCase {
  /** The logits it takes, by what the goldens call them. */
  readonly logits: ReadonlyMap<string, Tensor>;
  compute(...logits: Tensor[]): Scalar;
}

function adversarialLoss(golden: Golden, name: string): AdversarialCase | undefined {
  const taking = (compute: AdversarialCase['compute'], ...inputs: string[]): AdversarialCase => ({
    logits: new Map(inputs.map((input) => [input, logits(golden, input)])),
    compute,
  });
  if (name === 'd_logistic') return taking((real, fake) => discriminatorLoss(logistic, real!, fake!), 'real', 'fake');
  const [nonsaturating, which = 'fake'] = /^g_nonsaturating(?:_(.+))?$/.exec(name) ?? [];
  if (nonsaturating !== undefined) return taking((fake) => logistic.generator(fake!), which);
  const [, kind, side] = /^ganloss_(\w+)\.(d_real|d_fake|g)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const loss: AdversarialLoss | undefined = ADVERSARIAL_LOSSES[kind as keyof typeof ADVERSARIAL_LOSSES];
  if (!loss) throw new UserError(`There is no adversarial loss "${kind}".`);
  if (side === 'd_real') return taking((real) => loss.real(real!), 'real');
  if (side === 'd_fake') return taking((fake) => loss.fake(fake!), 'fake');
  const weight = Number(golden.manifest.config.ganloss_weight ?? 1);
  return taking((fake) => tf.mul(weight, loss.generator(fake!)), 'fake');
}

function logits(golden: Golden, which: string): Tensor {
  const { shape, values } = golden.array(`${which}_logits`);
  return tf.tensor(Float32Array.from(values as Float32Array), [...shape]);
}

function valueOf({ logits, compute }: AdversarialCase): NdArray {
  return scalar(compute(...logits.values()));
}

function logitsGradient({ logits, compute }: AdversarialCase, input: string): NdArray {
  const gradients = tf.grads((...all: Tensor[]) => compute(...all))([...logits.values()]);
  const gradient = gradients[[...logits.keys()].indexOf(input)]!;
  return { shape: gradient.shape, values: gradient.dataSync<'float32'>() };
}

/** A loss between images from its name: `charbonnier_eps1e-3`, `psnrloss_toY_w0.5`. */
function imageLoss(name: string): Loss {
  const [kind, ...settings] = name.split('_');
  const setting = (prefix: string) => settings.find((text) => text.startsWith(prefix))?.slice(prefix.length);
  const weight = Number(setting('w') ?? 1);
  switch (kind) {
    case 'l1':
      return new L1Loss({ weight });
    case 'mse':
      return new MseLoss({ weight });
    case 'charbonnier':
      return new CharbonnierLoss({ weight, epsilon: Number(setting('eps') ?? 1e-12) });
    case 'psnrloss':
      return new PsnrLoss({ weight, toY: settings.includes('toY') });
    case 'smoothl1':
      return new SmoothL1Loss({ weight, beta: Number(setting('beta') ?? 1), signed: settings.includes('signed') });
    case 'tv':
      return new TotalVariationLoss({ weight });
    default:
      throw new UserError(`There is no loss for the golden tensor "${name}".`);
  }
}
