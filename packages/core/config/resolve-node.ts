import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { REFERENCE } from '../component/kind.ts';
import { PATH } from '../component/path-option.ts';
import { choices, type Schema } from '../component/schema.ts';
import { PUBLISHED, publishedWeights } from '../component/published-weights.ts';
import { isWeightsFile } from '../component/weights-option.ts';
import { fillEnvironment } from './environment.ts';
import { sameForm } from './forms.ts';
import { didYouMean } from './nearest.ts';
import { toNode, type ListNode, type MapNode, type Node, type ScalarNode } from './node.ts';
import type { Finding, Findings } from './findings.ts';
import { publishedFile } from './published-files.ts';

/** Nothing is there: not written, `null`, or an environment variable that is empty. */
export const ABSENT = Symbol('absent');
/** Something is wrong there, and a finding says what. */
export const FAILED = Symbol('failed');

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The working directory of the user. */
  readonly cwd: string;
  readonly findings: Findings;
}

/** A node as the schema wants to see it: environment variables filled in, paths made absolute. */
export function settle(
  schema: Schema,
  node: Node,
  { env, cwd, findings }: Surroundings,
): Node | typeof ABSENT | typeof FAILED {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node;
  if (node.folder !== undefined) return withPath(schema, { ...node, value: node.value }, node.folder, env);
  const { text, fromEnvironment, beginsWithVariable, ...filling } = fillEnvironment(node.value, node.place, env);
  filling.findings.forEach((finding) => findings.add(finding));
  if (filling.findings.length > 0) return FAILED;
  if (fromEnvironment && text === '') return ABSENT;
  const folder = beginsWithVariable ? cwd : node.place.source.folder;
  const filled = withPath(schema, { ...node, value: text, folder }, folder, env);
  const unknown = unknownName(schema, text, filled);
  if (unknown) {
    findings.add(unknown);
    return FAILED;
  }
  return fromEnvironment && filled.value === text ? asWanted(schema, filled) : filled;
}

/** The list that a checked node is, also where an environment variable holds it. */
export function listIn(node: Node, surroundings: Surroundings): ListNode | undefined {
  const settled = settle({ type: 'array' }, node, surroundings);
  return typeof settled === 'object' && settled.kind === 'list' ? settled : undefined;
}

/** The same for a map. */
export function mapIn(node: Node, surroundings: Surroundings): MapNode | undefined {
  const settled = settle({ type: 'object' }, node, surroundings);
  return typeof settled === 'object' && settled.kind === 'map' ? settled : undefined;
}

/** A path made absolute, the name of published weights that of their file; any other text as it is. */
function withPath(
  schema: Schema,
  node: ScalarNode & { value: string },
  folder: string,
  env: NodeJS.ProcessEnv,
): ScalarNode & { value: string } {
  const published = schema[PUBLISHED] ? publishedWeights.find(node.value) : undefined;
  if (published) return { ...node, value: publishedFile(published, env) };
  const isFile = schema[REFERENCE] === undefined || isWeightsFile(node.value);
  return schema[PATH] && node.value !== '' && isFile ? { ...node, value: absolute(node.value, folder) } : node;
}

/** What is wrong with a name that is neither that of published weights nor that of a file. */
function unknownName(schema: Schema, text: string, { value, place }: ScalarNode): Finding | undefined {
  const isPath = schema[REFERENCE] !== undefined || isWeightsFile(text) || text === '';
  if (!schema[PUBLISHED] || isPath || publishedWeights.find(text) || existsSync(String(value))) return undefined;
  const names = publishedWeights.names();
  return {
    place,
    message: `there are no published weights "${text}", and no file of this name`,
    found: text,
    allowed: ['a file', ...names].join(', '),
    hint: didYouMean(text, names),
  };
}

function absolute(path: string, folder: string): string {
  return resolve(folder, /^~(?=$|\/)/.test(path) ? join(homedir(), path.slice(1)) : path);
}

/** A text from the environment, read as the type that the schema wants. */
function asWanted(schema: Schema, node: ScalarNode & { value: string }): Node {
  if (schema.type === 'string' || schema[REFERENCE] !== undefined) return node;
  if (choices(schema)?.includes(node.value)) return node;
  if (schema.anyOf && !choices(schema)) {
    const member = schema.anyOf.find((each) => sameForm(each, asWanted(each, node)));
    return member ? asWanted(member, node) : node;
  }
  try {
    const value: unknown = parse(node.value);
    return value === null ? node : toNode(value, node.place);
  } catch {
    return node;
  }
}
