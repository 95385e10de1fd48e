import { catalogue } from '@dualprior/core/nn';
import { convert, type Layout } from './layout.ts';
import type { ConvertedPart, Part } from './part.ts';

/** A class of networks whose state dicts are also published in other layouts than ours, which is that of its official release. */
interface Published {
  readonly layouts: readonly Layout[];
}

function isPublished(create: object): create is Published {
  return 'layouts' in create;
}

/** A part of a checkpoint in our layout, if it is in another that a network of the catalogue knows. */
export function fromPublicLayout(part: Part): ConvertedPart | undefined {
  const layouts = catalogue.components('network').flatMap(({ create }) => (isPublished(create) ? create.layouts : []));
  for (const layout of layouts) {
    const converted = convert(layout, part);
    if (converted) return converted;
  }
  return undefined;
}
