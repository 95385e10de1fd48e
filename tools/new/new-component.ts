import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { spelled } from '../../packages/core/process/command-line.ts';
import { INDEXED_PACKAGES, writeIndex } from '../component-index.ts';

/** What `yarn new` can write: where it goes, and the defaults that `packages/runners/defaults.json` gets. */
const KINDS = {
  network: { folder: 'packages/blocks/networks', defaults: { width: 16, blocks: 2 } },
  loss: { folder: 'packages/blocks/losses', defaults: { power: 2, weight: 1 } },
  metric: { folder: 'packages/blocks/metrics', defaults: { above: 8 } },
  dataset: { folder: 'packages/blocks/data', defaults: { size: 64, holdOut: 0, seed: 0 } },
  stage: {
    folder: 'packages/runners/stages',
    defaults: {
      'batch.size': 8,
      'augment.flip': true,
      'augment.rotate': false,
      loss: { type: 'l1' },
      optimizer: { type: 'adam', learningRate: 1e-3, betas: [0.9, 0.999] },
      validateEvery: 1000,
      saveEvery: 500,
      logEvery: 50,
    },
  },
} as const;

export type NewKind = keyof typeof KINDS;

export const NEW_KINDS = Object.keys(KINDS) as NewKind[];

const TEMPLATES = join(import.meta.dirname, 'templates');
const DEFAULTS = 'packages/runners/defaults.json';
/** As in YAML: `huber`, `smooth-l1`. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Writes a component and its test from the templates, and enters it into the index and the list of defaults.
 * Errors: an unknown kind, a name that is not lower case with hyphens, a file that is there already.
 * @param root the checkout
 * @returns the written files, relative to it
 */
export function newComponent(root: string, kind: string, name: string): string[] {
  if (!isKind(kind)) throw new Error(`There is no template for "${kind}". Choose one of ${NEW_KINDS.join(', ')}.`);
  if (!NAME.test(name)) {
    throw new Error(
      `"${name}" is not a component's name: lower case with hyphens, e.g. \`${spelled(`new ${kind} my-${kind}`)}\`.`,
    );
  }
  const { folder, defaults } = KINDS[kind];
  const files = [`${folder}/${name}.ts`, `${folder}/${name}.test.ts`];
  const taken = files.find((file) => existsSync(join(root, file)));
  if (taken !== undefined) throw new Error(`${taken} is there already. Choose another name.`);
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, files[0]!), fromTemplate(`${kind}.ts`, kind, name, folder));
  writeFileSync(join(root, files[1]!), fromTemplate(`${kind}.test.ts`, kind, name, folder));
  addDefaults(join(root, DEFAULTS), kind, name, defaults);
  for (const indexed of INDEXED_PACKAGES) writeIndex(join(root, indexed));
  return files;
}

function isKind(kind: string): kind is NewKind {
  return Object.hasOwn(KINDS, kind);
}

/** Templates are components themselves, named `my-KIND`, which compile and pass their tests where they are. */
function fromTemplate(file: string, kind: NewKind, name: string, folder: string): string {
  const target = resolve(TEMPLATES, '../../..', folder);
  return readFileSync(join(TEMPLATES, file), 'utf8')
    .replaceAll(`'./${kind}.ts'`, `'./${name}.ts'`) // first, as the interface of the kind may be `./${kind}.ts` in the end
    .replaceAll(/'(\.\.\/[^']*)'/g, (_, path: string) => `'${fromFolder(target, resolve(TEMPLATES, path))}'`)
    .replaceAll(`my-${kind}`, name)
    .replaceAll(`my_${kind}`, name.replaceAll('-', '_'))
    .replaceAll(`My${pascal(kind)}`, pascal(name));
}

function fromFolder(folder: string, file: string): string {
  const path = relative(folder, file);
  return path.startsWith('.') ? path : `./${path}`;
}

function pascal(name: string): string {
  return name.replaceAll(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}

function addDefaults(file: string, kind: NewKind, name: string, defaults: object): void {
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
  const types = { ...all[kind], [name]: defaults };
  all[kind] = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(all)}\n`); // prettier breaks the lines, as in the rest of the file
}
