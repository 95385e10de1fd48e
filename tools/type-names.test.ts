import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { catalogue, trackers } from '@dualprior/core';
import ts from 'typescript';
import '../packages/runners/index.ts';

const RUNNERS = resolve(import.meta.dirname, '../packages/runners');
/** Rooms that are about particular components: stages with their defaults, numbers of each network, tools that time or torment some. */
const ABOUT_SOME = ['stages', 'goldens', 'oracles', 'soak', 'bench', 'mlflow'];
/** A loss and a degradation have the names of something else that runners speak of: JPEG files. */
const OTHER_WORDS = ['identity', 'jpeg'];
const WITHOUT_DOCS = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };

function sources(): string[] {
  const all = readdirSync(RUNNERS, { recursive: true, encoding: 'utf8' });
  return all
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing/'))
    .filter((file) => !ABOUT_SOME.includes(file.split('/')[0]!) && !catalogue.files().has(join(RUNNERS, file)))
    .sort();
}

const read = (file: string) => readFileSync(join(RUNNERS, file), 'utf8');

/** The values and the keys of maps that a file spells out; not its types, nor the modules that it imports. */
function textsOf(file: string, content = read(file)): { readonly line: number; readonly text: string }[] {
  const source = ts.createSourceFile(file, content, WITHOUT_DOCS);
  const found: { line: number; text: string }[] = [];
  const add = (node: ts.Node, text: string) => {
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, text });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node)) add(node, node.text);
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) add(node, node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Types of all kinds but the tracker's: its name is also that of a command. */
const kinds = catalogue.kinds().filter((kind) => kind !== trackers.name);
const types = new Set(kinds.flatMap((kind) => catalogue.components(kind).map(({ declaration }) => declaration.type)));

test('runners know no component by the name of its type: they ask its kind (`Kind.about`)', () => {
  const names = [...types].filter((type) => !OTHER_WORDS.includes(type));
  const found = sources().flatMap((file) => {
    const content = read(file);
    if (!names.some((name) => content.includes(name))) return [];
    return textsOf(file, content)
      .filter(({ text }) => names.includes(text))
      .map(({ line, text }) => `packages/runners/${file}:${line} ${text}`);
  });
  expect(found).toEqual([]);
});

test('such names are found where they stand, as values and as keys', () => {
  const texts = textsOf('stages/inversion/departures.ts').map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['fusion-contextual', 'lpips', 'symbol']));
  expect(sources()).toEqual(expect.arrayContaining(['checks/preflight.ts', 'report/remarks/lambdas.ts']));
});
