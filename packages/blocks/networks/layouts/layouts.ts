import { basicsrDiscriminator, basicsrGenerator } from '../stylegan2/basicsr.ts';
import { genforceGenerator } from '../stylegan2/genforce.ts';
import { nvlabsDiscriminator, nvlabsGenerator } from '../stylegan2/nvlabs.ts';
import { convert, type Layout } from './layout.ts';
import type { ConvertedPart, Part } from './part.ts';

/** All public layouts that are known beside our own, which is that of each network's official release. */
const LAYOUTS: readonly Layout[] = [
  genforceGenerator,
  basicsrGenerator,
  basicsrDiscriminator,
  nvlabsGenerator,
  nvlabsDiscriminator,
];

/** A part of a checkpoint in our layout, if it is in another that is known. */
export function fromPublicLayout(part: Part): ConvertedPart | undefined {
  for (const layout of LAYOUTS) {
    const converted = convert(layout, part);
    if (converted) return converted;
  }
  return undefined;
}
