import {
  isConverted,
  StyleGan2Discriminator,
  StyleGan2Generator,
  truncate,
  type ConvertedPart,
  type Recognising,
} from '@dualprior/blocks';
import { Parameters, UserError, type NdArray } from '@dualprior/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { partsOf } from '../../networks/weights/parts.ts';
import { readContents } from '../../networks/weights/read-contents.ts';
import { nchw, plain, type Golden, type GoldenFamily } from '../golden.ts';
import { PICKLE, pickleOf } from '../pickle-golden.ts';

/** What makes the options of a network whole that its shapes do not show and its pickle does. */
const DEFAULTS = { channelMultiplier: 2, maxChannels: 512, mappingRate: 0.01, stddevGroup: 4 };

/** NVlabs' pickles: w of z, w truncated, the image of w with the stored noise, and the discriminator's logits. */
export const nvlabs: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === PICKLE,

  compute(golden) {
    const file = pickleOf(golden.folder, golden.manifest.name);
    const parts = partsOf(readContents(file)).filter(isConverted);
    const network = (type: string) => {
      const part = parts.find((each) => each.network === type);
      if (!part) throw new UserError(`${file} holds no ${type} that is known.`);
      if (part.refusals.length > 0) throw new UserError(`${part.name}: ${part.refusals.join('; ')}`);
      return part;
    };
    const ofLogits = golden.has('d_logits') ? judged(golden, network('stylegan2-discriminator')) : [];
    return new Map([...generated(golden, network('stylegan2-generator')), ...ofLogits]);
  },
};

function generated(golden: Golden, part: ConvertedPart): [string, NdArray][] {
  const network = new StyleGan2Generator(optionsOf(StyleGan2Generator, part));
  return computed(network, part, () => {
    const w = network.map(golden.tensor<Tensor2D>('z'));
    const truncated = golden.outputs.flatMap((name): [string, NdArray][] => {
      const psi = /^w_truncated_([\d.]+)$/.exec(name)?.[1];
      return psi === undefined ? [] : [[name, plain(truncate(w, network.meanLatent(), Number(psi)))]];
    });
    return [['w', plain(w)], ['image', nchw(network.synthesize(w))], ...truncated];
  });
}

function judged(golden: Golden, part: ConvertedPart): [string, NdArray][] {
  const network = new StyleGan2Discriminator(optionsOf(StyleGan2Discriminator, part));
  return computed(network, part, () => [['d_logits', plain(network.score(golden.image('d_input')))]]);
}

function computed<T>(network: StyleGan2Generator | StyleGan2Discriminator, part: ConvertedPart, compute: () => T): T {
  const parameters = new Parameters(network, part.tensors);
  try {
    return parameters.use(compute);
  } finally {
    parameters.dispose();
  }
}

/** The options that the shapes show, with each resolution's channels, and those that the pickle says. */
function optionsOf<T>(
  network: Recognising & (new (options: T) => unknown),
  { tensors, traits, habits }: ConvertedPart,
): T {
  const said = Object.entries({ ...traits, ...habits }).filter(([, value]) => value !== null);
  return { ...DEFAULTS, ...network.recognise(tensors)[0]?.options, ...Object.fromEntries(said) } as T;
}
