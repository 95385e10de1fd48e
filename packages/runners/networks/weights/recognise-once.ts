import { statSync } from 'node:fs';
import type { WeightsFile } from '@dualprior/core';
import { recognise, type Recognised } from './recognise.ts';

/** What a file tells of its network; not the network itself, which may be large. */
type Told = Pick<Recognised, 'spec' | 'untold'>;

/** For as long as a file looks the same. */
const known = new Map<string, Told>();

/** As `recognise`, but a file is read once however often it is asked. Undefined where there is no file. Errors: as there. */
export function recogniseOnce(weights: WeightsFile): Told | undefined {
  const stat = statSync(weights.file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const key = JSON.stringify([weights, stat.ino, stat.size, stat.mtimeMs]);
  const found = known.get(key);
  if (found) return found;
  const { spec, untold } = recognise(weights);
  known.set(key, { spec, untold });
  return { spec, untold };
}
