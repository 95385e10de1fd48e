import { catalogue, componentKinds, describeComponents, jsonSchema, type ComponentDescription } from '@dualprior/core';
import '../catalogue.ts';
import { catalogueText, componentsText } from '../console/components-text.ts';
import { importPlugins } from '../plugins/import-plugins.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  experiment?: string;
  json?: boolean;
  schema?: boolean;
}

const program = newCommand('components')
  .description('Lists the components of experiments; with a kind or a type, their options as well.')
  .argument('[name]', 'a kind (network, loss, dataset, ...) or a type (nafnet, l1, ...)')
  .option(
    '--experiment <file>',
    'list the components of the plugins of this experiment; with a name or --schema, in addition to all others',
  )
  .option('--json', 'print one JSON document')
  .option('--schema', 'print the JSON Schema of experiment files, for editors')
  .action((name: string | undefined, flags: Flags) => runCommand(() => print(name, flags)));

await parse(program);

async function print(name: string | undefined, flags: Flags): Promise<void> {
  const own = catalogue.files();
  if (flags.experiment !== undefined) await importPlugins(fromUser(flags.experiment));
  const all = describeComponents(name);
  const onlyAdded = flags.experiment !== undefined && name === undefined;
  const components = onlyAdded ? all.filter((each) => !own.has(fileOf(each))) : all;
  if (flags.schema) return write(JSON.stringify(jsonSchema(), null, 2));
  if (flags.json) return write(JSON.stringify({ components }));
  if (onlyAdded) return write(addedText(components));
  write(name === undefined ? catalogueText(componentKinds(), components) : componentsText(name, components));
}

/** Components of plugins with all their options, by the files that declare them. */
function addedText(components: readonly ComponentDescription[]): string {
  if (components.length === 0) return 'The experiment has no plugins.';
  const files = [...new Set(components.map(fileOf))];
  const blocks = files.map((file) => {
    const own = components.filter((each) => fileOf(each) === file);
    return `${file}\n\n${own.map((each) => componentsText(each.kind, [each], true)).join('\n\n')}`;
  });
  return blocks.join('\n\n');
}

function fileOf({ kind, type }: ComponentDescription): string {
  return catalogue.find(kind, type)!.file;
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
