import { join } from 'node:path';
import { INDEXED_PACKAGES, writeIndex } from './component-index.ts';
import { writeSchema } from './experiment-schema.ts';
import { ROOT } from './setup/places.mjs';

// `yarn index`: after adding, renaming or removing a component, or changing its options.

for (const folder of INDEXED_PACKAGES) {
  const changed = writeIndex(join(ROOT, folder));
  process.stdout.write(`${folder}/components.generated.ts: ${changed ? 'written' : 'up to date'}\n`);
}

writeSchema();
process.stdout.write('experiments/schema.json: written\n');
