import { counted } from '@dualprior/core';
import type { Command } from 'commander';
import { Console } from '../console/console.ts';
import { alignFolder } from '../faces/align-folder.ts';
import type { Failure } from '../faces/look-through.ts';
import { landmarksOfFolder } from '../faces/landmarks-of-folder.ts';
import { EXIT, fromUser, newCommand, parse, print, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  readonly output: string;
  readonly force: boolean;
}

const program = newCommand('faces')
  .description('Faces in folders of photographs: crops like those of FFHQ, and positions of eyes and mouths.')
  .option('--json', 'print one JSON document on standard output');

program
  .command('align')
  .description('crop every face as FFHQ does: upright, with eyes and mouth at the same place')
  .argument('<folder>', 'folder of photographs, including subfolders')
  .requiredOption('--output <dir>', 'folder of the crops (PNG); existing files are kept')
  .option('--size <pixels>', 'side of the crops', wholeNumber(16, 4096), 512)
  .option('--force', 'overwrite existing crops', false)
  .action((folder: string, { output, size, force }: Flags & { size: number }, command: Command) =>
    runCommand(async () => {
      const console = new Console();
      const signal = interruptible(console);
      const to = fromUser(output);
      const result = await alignFolder({ folder: fromUser(folder), output: to, size, force, console, signal });
      const { crops, kept, failures } = result;
      print(command, { output: to, ...result }, [
        ...(crops.length > 0 ? [`${counted(crops.length, 'face')} aligned: ${to}`] : []),
        ...(kept.length > 0 ? [`${counted(kept.length, 'photograph')} aligned already (--force aligns again)`] : []),
        ...failed(failures, 'photograph'),
      ]);
      return failures.length > 0 ? EXIT.failed : EXIT.done;
    }),
  );

program
  .command('landmarks')
  .description(
    "find eyes and mouth in aligned faces, for GFP-GAN's discriminators (`components.landmarks` of its stage)",
  )
  .argument('<folder>', 'aligned faces, one in each image')
  .requiredOption('--output <file>', 'JSON file; existing entries are kept')
  .option('--force', 'overwrite existing entries', false)
  .action((folder: string, { output, force }: Flags, command: Command) =>
    runCommand(async () => {
      const console = new Console();
      const signal = interruptible(console);
      const file = fromUser(output);
      const result = await landmarksOfFolder({ folder: fromUser(folder), output: file, force, console, signal });
      const { found, kept, failures } = result;
      print(command, { output: file, ...result }, [
        ...(found > 0 ? [`Landmarks of ${counted(found, 'face')}: ${file}`] : []),
        ...(kept > 0 ? [`${counted(kept, 'image')} there already (--force finds again)`] : []),
        ...failed(failures, 'image'),
        ...(failures.length > 0
          ? ['  Training with landmarks needs those of every image: leave these out of the data.']
          : []),
      ]);
      return failures.length > 0 ? EXIT.failed : EXIT.done;
    }),
  );

await parse(program);

function failed(failures: readonly Failure[], what: string): string[] {
  if (failures.length === 0) return [];
  return [`${counted(failures.length, what)} left out:`, ...failures.map(({ file, reason }) => `  ${file}: ${reason}`)];
}
