import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { counted, loadExperiment, publishedFile, publishedWeights, showValue, UserError } from '@dualprior/core';
import { Option, type Command } from 'commander';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { describeWeights, type WeightsDescription } from '../networks/weights/describe.ts';
import { exportNetworks, FORMATS, type Format } from '../export/export-network.ts';
import { trainedWeights, type Chosen } from '../export/trained-weights.ts';
import { importPlugins } from '../plugins/import-plugins.ts';
import { fetchAll } from '../published/fetch.ts';
import { neededFiles, type NeededFile } from '../published/needs.ts';
import { byHand, publishedTable } from '../published/words.ts';
import { collect, fromUser, newCommand, parse, print, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';

const program = newCommand('weights')
  .description('Weights files: inspect, list, download and export them.')
  .option('--json', 'print one JSON document on standard output');

program
  .command('inspect')
  .description('show which network a file holds, from the names and shapes of its tensors alone')
  .argument('<file>', 'a checkpoint: .pth, .safetensors, .pkl, ...')
  .option('--part <name>', 'part of the file: the prefix of its tensor names')
  .action((file: string, { part }: { part?: string }, command: Command) =>
    runCommand(async () => {
      const [first, ...others] = describeWeights({ file: fromUser(file), ...(part !== undefined && { part }) });
      const json = others.length > 0 ? { ...first, others } : first;
      print(
        command,
        json,
        [first!, ...others].flatMap((each, i) => [...(i > 0 ? [''] : []), ...descriptionText(each)]),
      );
    }),
  );

program
  .command('list')
  .description('list the weights that an experiment needs; without one, all named weights')
  .argument('[experiment]', 'an experiment file')
  .option('--set <key=value>', 'override one value of the experiment (repeatable)', collect, [])
  .action((experiment: string | undefined, { set }: { set: string[] }, command: Command) =>
    runCommand(async () => {
      if (experiment === undefined) {
        const all = publishedWeights.all();
        const isThere = (weights: (typeof all)[number]) => existsSync(publishedFile(weights));
        const json = all.map((each) => ({ ...each, path: publishedFile(each), there: isThere(each) }));
        return print(command, json, publishedTable(all, isThere));
      }
      const files = await neededBy(experiment, set);
      const json = files.map(({ published, isThere: there, ...each }) => ({ ...published, ...each, there }));
      print(command, json, neededText(files));
    }),
  );

program
  .command('fetch')
  .description('download published weights into the cache; an interrupted download continues')
  .argument('<name...>', 'names of weights, or experiment files for all that they need')
  .action((names: string[], _: object, command: Command) =>
    runCommand(async () => {
      const console = new Console();
      const wanted = [...new Set((await Promise.all(names.map(meant))).flat())];
      const fetched = await fetchAll(wanted, console, interruptible(console));
      const there = fetched.filter(({ state }) => state === 'there').length;
      const text = there === fetched.length ? 'All are there.' : `${counted(fetched.length, 'file')} in the cache.`;
      print(command, fetched, [text]);
    }),
  );

program
  .command('export')
  .description('write trained networks of a run with official tensor names, and a model card')
  .argument('<run>', 'the folder of a run')
  .requiredOption(
    '--network <stage.name>',
    'which network, as an experiment refers to it: restore.nafnet (repeatable: several go into one file, each below its name)',
    (value: string, previous: readonly string[] = []) => collect(value, previous),
  )
  .addOption(new Option('--format <format>', 'of the file').choices(FORMATS).default('safetensors'))
  .option('--output <file>', 'where it goes (default: RUN/export/STAGE.NAME.FORMAT)')
  .action((run: string, flags: { network: string[]; format: Format; output?: string }, command: Command) =>
    runCommand(async () => {
      const folder = fromUser(run);
      const trained = flags.network.map((each) => trainedWeights(folder, each));
      const chosen = (await Promise.all(trained)) as unknown as Chosen;
      const { format, output } = flags;
      const file =
        output === undefined ? join(folder, 'export', `${flags.network.join('+')}.${format}`) : fromUser(output);
      const { weights, card } = exportNetworks(chosen, file, format);
      const unofficial = chosen.filter(({ officialCode }) => officialCode === undefined);
      const notes = unofficial.map(({ spec }) => `No official code has ${spec.type}: the names are dualprior's own.`);
      const [{ officialCode, spec }] = chosen;
      const json = { weights, card, architecture: spec.type, officialCode: officialCode ?? null, notes };
      print(command, json, [`Weights  ${weights}`, `Card     ${card}`, ...notes]);
    }),
  );

await parse(program);

/** Published weights of this name, or those that an experiment needs. */
async function meant(name: string) {
  const published = publishedWeights.find(name);
  if (published) return [published];
  if (!/\.ya?ml$/.test(name)) {
    const names = publishedWeights.names();
    throw new UserError(
      `There are no published weights "${name}". There are ${names.join(', ')}; or name an experiment file.`,
    );
  }
  return (await neededBy(name)).flatMap((each) => each.published ?? []);
}

/** The files that an experiment file needs, also the components of its plugins. */
async function neededBy(name: string, set: readonly string[] = []): Promise<NeededFile[]> {
  const file = fromUser(name);
  await importPlugins(file, { set });
  return neededFiles(loadExperiment(file, { set }));
}

function neededText(files: readonly NeededFile[]): string[] {
  if (files.length === 0) return ['It needs no weights files.'];
  const published = [...new Set(files.flatMap((each) => each.published ?? []))];
  const isThere = (weights: (typeof published)[number]) =>
    files.some((each) => each.published === weights && each.isThere);
  const others = files.filter((each) => !each.published);
  const hand = published.filter((weights) => weights.url === undefined && !isThere(weights));
  return [
    ...(published.length > 0 ? publishedTable(published, isThere) : []),
    ...hand.map((weights) => `${weights.name}: ${byHand(weights)}`),
    ...others.map(
      ({ path, isThere: there, options }) => `${path} (${options.join(', ')})${there ? '' : ': is not there'}`,
    ),
  ];
}

function descriptionText({ architecture, options, ...facts }: WeightsDescription): string[] {
  const settings = Object.entries(options).map(([name, value]) => `  ${name}: ${showValue(value, Infinity)}`);
  const { parameters, wrapper, part, dtype, notes } = facts;
  const where = part ?? wrapper;
  return [
    `${architecture}${where === null ? '' : ` (in "${where}")`}, ${parameters.toLocaleString('en')} parameters, ${dtype}`,
    ...settings,
    ...notes.map((note) => `  note: ${note}`),
  ];
}
