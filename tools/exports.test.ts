import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
/** What a package is imported by, besides the path of one of its files. */
const DOORS: Readonly<Record<string, string>> = {
  '@dualprior/core': 'packages/core/index.ts',
  '@dualprior/core/nn': 'packages/core/nn.ts',
  '@dualprior/blocks': 'packages/blocks/index.ts',
  '@dualprior/runners': 'packages/runners/index.ts',
};
const CATALOGUES = ['packages/blocks/components.generated.ts', 'packages/runners/components.generated.ts'];
const ALL = '*';
const WITHOUT_DOCS = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };

/** Names of a module. */
interface Names {
  readonly from: string;
  readonly names: readonly string[];
}

interface Module {
  readonly declared: readonly string[];
  readonly imports: readonly Names[];
  readonly reexports: readonly Names[];
  /** Whether it declares a kind of component: its types are for whoever writes one. */
  readonly isContract: boolean;
}

function moduleOf(file: string, text: string): Module {
  const source = ts.createSourceFile(file, text, WITHOUT_DOCS);
  const [declared, imports, reexports]: [string[], Names[], Names[]] = [[], [], []];
  const importsDeeper = /\bimport\(/.test(text); // as an expression or a type
  const target = (module: ts.Node) => {
    const { text: name } = module as ts.StringLiteral;
    if (name.startsWith('.')) return join(dirname(file), name);
    return DOORS[name] ?? name.replace(/^@dualprior\/(.*)$/, 'packages/$1.ts');
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      const named = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(importedName) : [ALL];
      imports.push({ from: target(node.moduleSpecifier), names: named });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      const { exportClause: clause } = node;
      const named = clause && ts.isNamedExports(clause) ? clause.elements.map(importedName) : [ALL];
      reexports.push({ from: target(node.moduleSpecifier), names: named });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (ts.isStringLiteralLike(node.arguments[0]!)) imports.push({ from: target(node.arguments[0]), names: [ALL] });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      imports.push({ from: target(node.argument.literal), names: [ALL] });
    }
    if (isExported(node)) declared.push(...namesOf(node));
    if (importsDeeper || node === source) ts.forEachChild(node, visit);
  };
  visit(source);
  return { declared, imports, reexports, isContract: text.includes('= new Kind<') };
}

function importedName({ propertyName, name }: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (propertyName ?? name).text;
}

function isExported(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  const has = (keyword: ts.SyntaxKind) => modifiers.some(({ kind }) => kind === keyword);
  return has(ts.SyntaxKind.ExportKeyword) && !has(ts.SyntaxKind.DefaultKeyword);
}

function namesOf(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.flatMap(({ name }) => bound(name));
  const { name } = node as ts.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? bound(element.name) : []));
}

/** Exports that no file imports, `FILE: NAME`; not those of components, of contracts, and of tests. */
function unused(sources: ReadonlyMap<string, string>): string[] {
  const modules = new Map([...sources].map(([file, text]) => [file, moduleOf(file, text)]));
  const used = new Set<string>();
  const use = (file: string, name: string): void => {
    const module = modules.get(file);
    if (!module || used.has(`${file}: ${name}`)) return;
    used.add(`${file}: ${name}`);
    for (const { from, names } of module.reexports) {
      if (name === ALL) names.forEach((each) => use(from, each));
      else if (names.includes(name) || names.includes(ALL)) use(from, name);
    }
  };
  for (const { imports } of modules.values()) {
    for (const { from, names } of imports) names.forEach((name) => use(from, name));
  }
  const components = new Set(CATALOGUES.flatMap((file) => modules.get(file)?.reexports.map(({ from }) => from) ?? []));
  return [...modules].flatMap(([file, { declared, isContract }]) => {
    if (components.has(file) || isContract || /\.test\.ts$|\/testing\//.test(file)) return [];
    if (used.has(`${file}: ${ALL}`)) return [];
    return declared.map((name) => `${file}: ${name}`).filter((name) => !used.has(name));
  });
}

function sourcesIn(folder: string): [string, string][] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  return sources.map((file) => [`${folder}/${file}`, readFileSync(join(ROOT, folder, file), 'utf8')]);
}

test('what a file of the packages exports, another file imports', () => {
  const sources = new Map([...sourcesIn('packages'), ...sourcesIn('tools')]);
  expect(unused(sources).filter((each) => each.startsWith('packages/'))).toEqual([]);
});

test('an export that nobody imports is found, also behind a door', () => {
  const found = unused(
    new Map([
      ['packages/core/index.ts', "export * from './a.ts'; export { d } from './b.ts';"],
      ['packages/core/a.ts', 'export const [a, { b }] = x; export interface C {}'],
      ['packages/core/b.ts', 'export function d() {} export class E {}'],
      ['packages/blocks/c.ts', "import { a, type C } from '@dualprior/core';"],
    ]),
  );
  expect(found).toEqual(['packages/core/a.ts: b', 'packages/core/b.ts: d', 'packages/core/b.ts: E']);
});
