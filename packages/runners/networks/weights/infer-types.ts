import { statSync } from 'node:fs';
import { networks } from '@dualprior/blocks';
import { catalogue, publishedAt, spelled, UserError, weightsFileOf, type SpecWithOptions } from '@dualprior/core';
import { recognise } from './recognise.ts';

/** What was recognised, for as long as a file looks the same. */
const known = new Map<string, SpecWithOptions>();

// A network whose type is not written is what its file of weights holds: `{weights: FILE}`.
catalogue.inferTypes(networks.name, {
  option: 'weights',
  infer(weights) {
    const given = weightsFileOf(weights);
    if (!given) return undefined;
    const stat = statSync(given.file, { throwIfNoEntry: false });
    if (!stat) throw missing(given.file);
    const key = JSON.stringify([given, stat.ino, stat.size, stat.mtimeMs]);
    const spec = known.get(key) ?? recognise(given).spec;
    known.set(key, spec);
    return spec;
  },
});

function missing(file: string): UserError {
  const published = publishedAt(file);
  const how = published ? ` \`${spelled(`weights fetch ${published.name}`)}\` gets it.` : '';
  return new UserError(
    `there is no ${file}, which would tell the type.${how} Or write the type: {type: ..., weights: ...}`,
  );
}
