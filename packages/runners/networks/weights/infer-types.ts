import { networks } from '@dualprior/blocks';
import { catalogue, publishedAt, spelled, UserError, weightsFileOf } from '@dualprior/core';
import { recogniseOnce } from './recognise-once.ts';

// A network whose type is not written is what its weights file holds: `{weights: FILE}`.
catalogue.inferTypes(networks.name, {
  option: 'weights',
  infer(weights) {
    const given = weightsFileOf(weights);
    if (!given) return undefined;
    const found = recogniseOnce(given);
    if (!found) throw missing(given.file);
    return found.spec;
  },
});

function missing(file: string): UserError {
  const published = publishedAt(file);
  const how = published ? ` \`${spelled(`weights fetch ${published.name}`)}\` gets it.` : '';
  return new UserError(
    `there is no ${file}, which would tell the type.${how} Or write the type: {type: ..., weights: ...}`,
  );
}
