import { lstatSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JournalSource } from '@dualprior/core';

/**
 * The journal of the stage that a run directory links to as `stages/NAME`; it need not exist yet. Its place tells which
 * stage of that name it is: one that was trained from other images is another run. Errors: there is no such link.
 */
export function stageJournal(directory: string, name: string): JournalSource {
  const folder = join(directory, 'stages', name);
  const which = lstatSync(folder).isSymbolicLink() ? `${name}@${basename(readlinkSync(folder))}` : name;
  return { file: join(folder, 'journal.jsonl'), at: ['stages', which], name };
}
