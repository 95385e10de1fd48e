import { Option } from 'commander';
import '../index.ts';
import { Console } from '../console/console.ts';
import { exportPage } from '../web/export-page.ts';
import { collect, fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  method: string[];
  weights?: string;
  output: string;
  json?: boolean;
}

const program = newCommand('export')
  .description(
    'Writes a web page that restores photographs in the browser of visitors: a folder for any static server.',
  )
  .argument('[run]', 'run directory, e.g. runs/quickstart-0123456789ab')
  .option('--method <name>', 'a method of the run (repeatable; default: all)', collect, [])
  .option('--weights <file>', 'a weights file, instead of a run; network and options are recognised')
  .addOption(new Option('--format <format>', 'what is written').choices(['web']).default('web'))
  .requiredOption('--output <dir>', 'folder of the page: new, empty, or of an earlier page')
  .option('--json', 'print one JSON document on standard output')
  .action((run: string | undefined, flags: Flags) => runCommand(() => main(run && fromUser(run), flags)));

await parse(program);

async function main(run: string | undefined, { method: methods, weights, output, json }: Flags): Promise<void> {
  const folder = fromUser(output);
  await exportPage({ run, methods, weights: weights && fromUser(weights) }, folder, new Console());
  const text = [`Page   ${folder}`, `Try it  python3 -m http.server -d ${folder}, then http://localhost:8000`];
  process.stdout.write(`${json ? JSON.stringify({ page: folder }) : text.join('\n')}\n`);
}
