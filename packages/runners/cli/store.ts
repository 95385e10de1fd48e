import { join } from 'node:path';
import { counted, spelled, UserError } from '@dualprior/core';
import { InvalidArgumentError, type Command } from 'commander';
import { fileSize } from '../console/file-size.ts';
import { folderSize } from '../housekeeping/folder-size.ts';
import { stagesText } from '../housekeeping/listings.ts';
import { garbage, namedStages, removeStage } from '../housekeeping/remove-stages.ts';
import { storedStages, type StoredStage } from '../housekeeping/stored-stage.ts';
import { RegisteredRuns } from '../store/registered-runs.ts';
import { runsFolderHere, storeIn } from '../store/places.ts';
import { fromUser, newCommand, parse, print, runCommand } from './command.ts';

interface Common {
  store?: string;
  json?: boolean;
}

const program = newCommand('store')
  .description('The store of trained stages: its contents, which runs use them, and what can be removed.')
  .option('--store <dir>', 'the store (default: that of experiments in this folder; in the checkout runs/store)')
  .option('--json', 'print one JSON document on standard output');

program
  .command('ls')
  .description('list the stages, the largest first')
  .action((_: object, command: Command) =>
    runCommand(async () => {
      const store = storeOf(command);
      const stages = storedStages(store);
      const { bytes: references } = folderSize(join(store, 'references'));
      const text = stages.length > 0 ? stagesText(stages) : ['The store is empty.'];
      const beside = references > 0 ? [`Features of reference images (references/): ${fileSize(references)}`] : [];
      print(command, { stages, references }, [...text, '', total(stages), ...beside]);
    }),
  );

program
  .command('rm')
  .description('remove stages')
  .argument('<hash...>', 'hashes, or their first characters')
  .option('--force', 'also stages that runs use; such a run trains them again')
  .action((hashes: string[], { force }: { force?: boolean }, command: Command) =>
    runCommand(async () => {
      const stages = namedStages(storedStages(storeOf(command)), hashes);
      const used = stages.filter(({ runs }) => runs.length > 0);
      if (used.length > 0 && !force) {
        const lines = used.map(({ hash, runs }) => `  ${hash} by ${runs.join(', ')}`);
        throw new UserError(`Runs use these stages:\n${lines.join('\n')}\n  --force removes them anyway.`);
      }
      stages.forEach(removeStage);
      print(command, { removed: stages }, [`Removed: ${total(stages)}`]);
    }),
  );

program
  .command('gc')
  .description('remove the stages that no run uses; without --yes, only show them')
  .option('--yes', 'remove them')
  .option('--older-than <days>', 'only stages to which nothing was written in so many days', days, 7)
  .action((flags: { yes?: boolean; olderThan: number }, command: Command) =>
    runCommand(async () => {
      const store = storeOf(command);
      const { removable, recent } = garbage(storedStages(store), flags.olderThan);
      const later = recent.length === 0 ? [] : [`Too recent (--older-than ${flags.olderThan}): ${total(recent)}`];
      if (flags.yes) {
        removable.forEach(removeStage);
        new RegisteredRuns(store).prune();
        print(command, { removed: removable, recent }, [`Removed: ${total(removable)}`, ...later]);
      } else {
        const list = removable.length > 0 ? [...stagesText(removable), ''] : [];
        const how = removable.length > 0 ? `; ${spelled('store gc --yes')} removes them` : '';
        print(command, { removable, recent }, [...list, `No run uses: ${total(removable)}${how}`, ...later]);
      }
    }),
  );

await parse(program);

function storeOf(command: Command): string {
  const { store } = command.optsWithGlobals<Common>();
  return store === undefined ? storeIn(runsFolderHere()) : fromUser(store);
}

function total(stages: readonly StoredStage[]): string {
  return `${counted(stages.length, 'stage')}, ${fileSize(stages.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function days(text: string): number {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Days are a number, 0 or more.');
  return value;
}
