import { componentKinds, describeComponents, jsonSchema } from '@dualprior/core';
import '../index.ts';
import { catalogueText, componentsText } from '../console/components-text.ts';
import { newCommand, runCommand } from './command.ts';

interface Flags {
  json?: boolean;
  schema?: boolean;
}

const program = newCommand('components')
  .description('Lists what an experiment can be made of; with a kind, its components with all their options.')
  .argument('[kind]', 'network, loss, optimizer, dataset, ...')
  .option('--json', 'print one JSON document')
  .option('--schema', 'print the JSON Schema of experiment files, for editors')
  .action((kind: string | undefined, flags: Flags) => runCommand(async () => print(kind, flags)));

await program.parseAsync();

function print(kind: string | undefined, flags: Flags): void {
  const components = describeComponents(kind);
  if (flags.schema) return write(JSON.stringify(jsonSchema(), null, 2));
  if (flags.json) return write(JSON.stringify({ components }));
  write(kind === undefined ? catalogueText(componentKinds(), components) : componentsText(kind, components));
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
