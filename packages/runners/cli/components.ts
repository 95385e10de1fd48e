import { componentKinds, describeComponents, jsonSchema } from '@dualprior/core';
import '../index.ts';
import { catalogueText, componentsText } from '../console/components-text.ts';
import { newCommand, parse, runCommand } from './command.ts';

interface Flags {
  json?: boolean;
  schema?: boolean;
}

const program = newCommand('components')
  .description(
    'Lists what an experiment can be made of; with a kind or a type, those components with all their options.',
  )
  .argument('[name]', 'a kind (network, loss, dataset, ...) or a type (nafnet, l1, ...)')
  .option('--json', 'print one JSON document')
  .option('--schema', 'print the JSON Schema of experiment files, for editors')
  .action((name: string | undefined, flags: Flags) => runCommand(async () => print(name, flags)));

await parse(program);

function print(name: string | undefined, flags: Flags): void {
  const components = describeComponents(name);
  if (flags.schema) return write(JSON.stringify(jsonSchema(), null, 2));
  if (flags.json) return write(JSON.stringify({ components }));
  write(name === undefined ? catalogueText(componentKinds(), components) : componentsText(name, components));
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
