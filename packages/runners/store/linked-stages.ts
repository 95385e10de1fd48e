import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { StageFolder } from './stage-folder.ts';

/** The folders of the stages that a run directory links to, of these names and in their order; what it has no link for, or one that leads nowhere, is left out. */
export function linkedStages(directory: string, names: readonly string[]): Map<string, StageFolder> {
  const plain = names.filter((name) => !name.includes('/') && name !== '..');
  const links = plain.map((name) => [name, join(directory, 'stages', name)] as const);
  return new Map(
    links.filter(([, link]) => existsSync(link)).map(([name, link]) => [name, new StageFolder(realpathSync(link))]),
  );
}
