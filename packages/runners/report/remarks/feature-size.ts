import { isEncoder, type Encoder, type Network } from '@dualprior/blocks';
import { Container, LOG, parseNetworkReference, type Experiment } from '@dualprior/core';

const CHANNELS = 3;
const SILENT = { info: () => {}, warn: () => {} };

/**
 * The size of f compared with that of an image, for each method with an inversion encoder: if f is nearly as large as the image,
 * x_G is nearly free, and its likeness to x_R says little.
 */
export function featureSizes(experiment: Experiment): string[] {
  const container = new Container(experiment, { services: [[LOG, SILENT]] });
  const lines = [...experiment.entries('methods').keys()].flatMap((method) => {
    const encoder = encoderOf(experiment, container, method);
    return encoder ? [[sizeLine(encoder), method] as const] : [];
  });
  const methods = new Map<string, string[]>();
  for (const [line, method] of lines) methods.set(line, [...(methods.get(line) ?? []), method]);
  return [...methods].map(([line, names]) => `${names.join(', ')}: ${line}`);
}

function encoderOf(experiment: Experiment, container: Container, method: string): Encoder | undefined {
  return [...experiment.networkRoles('methods', method).values()]
    .map((reference) => experiment.entry('networks', parseNetworkReference(reference).network))
    .map((spec) => container.create<Network>('network', spec))
    .find(isEncoder);
}

function sizeLine({ size, resolution, featureChannels: channels, latents, styleWidth: width }: Encoder): string {
  const [f, image] = [resolution ** 2 * channels, size ** 2 * CHANNELS];
  return (
    `f holds ${resolution}x${resolution}x${channels} = ${f.toLocaleString('en')} values, ` +
    `${(f / image).toFixed(2)} times the ${image.toLocaleString('en')} of an image of ${size}x${size}, ` +
    `and w ${latents}x${width} = ${(latents * width).toLocaleString('en')} (the paper: 16x16x512 = 131,072, 0.17 times those of 512x512).`
  );
}
