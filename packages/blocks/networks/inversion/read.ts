import { withoutPrefix, type StateDict } from '@dualprior/core/nn';
import { lengthsOf, listed, type Reading } from '../reading.ts';

/** A stage has three convolutions, each with a norm and an activation, and a pool. */
const STAGE = 10;
/** The resolution of BDInvert's features. */
const OFFICIAL_RESOLUTION = 16;
const OFFICIAL_MOST = 512;
/** An image is first averaged down to this many times the resolution of f. */
const OFFICIAL_FACTOR = 8;

/** What a state dict tells of the trunk that it is of. */
interface TrunkReading {
  /** Count of stages; each halves the image. */
  readonly stages: number;
  readonly featureChannels: number;
  readonly filterMin: number;
  readonly filterMax: number;
}

/** Undefined for another network's state dict. */
function readTrunk(state: StateDict): TrunkReading | undefined {
  const length = lengthsOf(state);
  const outputs = (layer: number) => length(`model.${layer}.weight`, 0);
  // The two last convolutions stand where a further stage would begin, which has three.
  const widths = listed((stage) => outputs(STAGE * stage + 6) && outputs(STAGE * stage));
  const featureChannels = outputs(STAGE * widths.length + 3);
  const [filterMin] = widths;
  if (filterMin === undefined || featureChannels === undefined) return undefined;
  const capped = widths.find((width, i) => i > 0 && width < 2 * widths[i - 1]!);
  const filterMax = capped ?? Math.max(OFFICIAL_MOST, ...widths.slice(1));
  return { stages: widths.length, featureChannels, filterMin, filterMax };
}

/** What a state dict tells of BDInvert's encoder that it is of. */
export function readBdInvertEncoder(state: StateDict): Reading[] {
  const trunk = readTrunk(state);
  if (!trunk) return [];
  const { stages, ...options } = trunk;
  return [{ options: { ...options, inputSize: OFFICIAL_RESOLUTION * 2 ** stages }, untold: ['resolution'] }];
}

/** What a state dict tells of the inversion encoder that it is of. */
export function readInversionEncoder(state: StateDict): Reading[] {
  const trunk = readTrunk(withoutPrefix(state, 'trunk'));
  const length = lengthsOf(state);
  const styles = listed((style) => length(`styles.${style}.linear.weight`, 0));
  if (!trunk || styles.length === 0) return [];
  const { stages, ...options } = trunk;
  const resolution = 2 ** listed((layer) => length(`styles.0.convs.${2 * layer}.weight`, 0)).length;
  const inputSize = resolution * 2 ** stages;
  const read = { ...options, resolution, latents: styles.length, styleWidth: styles[0] };
  const isOfficial = inputSize === OFFICIAL_FACTOR * resolution;
  return [
    { options: { ...read, ...(!isOfficial && { inputSize }) }, untold: ['size'] },
    { options: { ...read, size: inputSize }, untold: ['size'] }, // images smaller than the official size
  ];
}
