import { Option } from 'commander';
import { counted } from '@dualprior/core';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { elapsed } from '../console/duration.ts';
import { beforeAfterFile } from '../restore/before-after.ts';
import { bytesOf } from '../restore/bytes.ts';
import { FORMAT_NAMES, type PhotoFormat } from '../restore/photo-format.ts';
import { QUALITY, restore } from '../restore/restore.ts';
import type { Outcome } from '../restore/restore-files.ts';
import { EXIT, fromUser, newCommand, parse, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  output: string;
  run?: string;
  method?: string;
  weights?: string;
  format?: PhotoFormat;
  quality: number;
  tile?: number;
  overlap?: number;
  memory?: string;
  ensemble?: boolean;
  aligned?: boolean;
  background?: string;
  compare?: boolean;
  force?: boolean;
  device?: 'auto' | 'cpu' | 'gpu';
  json?: boolean;
}

const program = newCommand('restore')
  .description('Restores photographs of any size with a method of a run, or with a network from a weights file.')
  .argument('<inputs...>', 'photographs, folders (including subfolders), or patterns like "photos/**/*.jpg"')
  .requiredOption('--output <dir>', 'folder of the restored photographs; existing files are kept')
  .option('--run <dir>', 'run directory, e.g. runs/quickstart-0123456789ab')
  .option('--method <name>', 'a method of the run (default: the only one)')
  .option('--weights <file>', 'a weights file, instead of a run; network and options are recognised')
  .addOption(
    new Option('--format <format>', 'format of all restored photographs (default: that of each file)').choices(
      FORMAT_NAMES,
    ),
  )
  .option('--quality <number>', 'quality of JPEG, WebP and AVIF, 1 to 100', wholeNumber(1, 100), QUALITY)
  .option('--tile <pixels>', 'side of the tiles (default: as large as memory allows)', wholeNumber(1, 100_000))
  .option('--overlap <pixels>', 'minimum overlap of tiles (default: until they agree)', wholeNumber(0, 10_000))
  .option('--memory <size>', 'memory limit of the process, e.g. 4G (default: most of the free memory)')
  .option(
    '--ensemble',
    'average over the 8 flips and rotations (of a face: over it and its mirror image): slightly better, 8 (2) times slower',
  )
  .option('--aligned', 'the photographs are already aligned faces of the size of the method')
  .option(
    '--background <method>',
    'restores the image around the faces: a method of the run or, with --weights, a weights file (default: none)',
  )
  .option('--compare', 'also write before and after side by side, and for several photographs a page with a divider')
  .option('--force', 'overwrite existing results')
  .addOption(new Option('--device <device>', 'where to compute').choices(['auto', 'cpu', 'gpu']))
  .option('--json', 'print one JSON document on standard output')
  .action((inputs: string[], flags: Flags) => runCommand(() => main(inputs.map(fromUser), flags)));

await parse(program);

async function main(
  inputs: readonly string[],
  { output: folder, run, weights, background, memory, json, ...flags }: Flags,
): Promise<number> {
  const console = new Console();
  const output = fromUser(folder);
  const { files, page } = await restore({
    ...flags,
    inputs,
    output,
    run: run && fromUser(run),
    weights: weights && fromUser(weights),
    background: background && weights ? fromUser(background) : background,
    memory: memory === undefined ? undefined : bytesOf(memory, '--memory'),
    console,
    signal: interruptible(console),
  });
  process.stdout.write(
    `${json ? JSON.stringify({ output, page, files }) : text(files, output, flags.compare ? (page ?? beforeAfterOf(files, output)) : undefined)}\n`,
  );
  return files.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.done;
}

/** The file with both sides of the only photograph. */
function beforeAfterOf(outcomes: readonly Outcome[], output: string): string | undefined {
  const done = outcomes.find(({ status }) => status !== 'failed');
  return done && beforeAfterFile(output, done);
}

function text(outcomes: readonly Outcome[], output: string, beforeAfter: string | undefined): string {
  const of = (status: Outcome['status']) => outcomes.filter((each) => each.status === status);
  const [restored, kept, failed] = [of('restored'), of('kept'), of('failed')];
  const seconds = restored.reduce((sum, each) => sum + (each.seconds ?? 0), 0);
  return [
    ...(restored.length > 0
      ? [`${counted(restored.length, 'photograph')} restored in ${elapsed(seconds)}: ${output}`]
      : []),
    ...restored.flatMap(({ input, notes = [] }) => notes.map((note) => `  ${input}: ${note}`)),
    ...(kept.length > 0
      ? [`${counted(kept.length, 'photograph')} there already: left as they are (--force restores again)`]
      : []),
    ...(failed.length > 0 ? [`${counted(failed.length, 'photograph')} could not be restored:`] : []),
    ...failed.map(({ input, reason }) => `  ${input}: ${reason}`),
    ...(beforeAfter === undefined ? [] : [`Before and after  ${beforeAfter}`]),
  ].join('\n');
}
