import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { REFERENCE } from '../component/kind.ts';
import { PATH } from '../component/path-option.ts';
import { choices, type Schema } from '../component/schema.ts';
import { isWeightsFile } from '../component/weights-option.ts';
import { fillEnvironment } from './environment.ts';
import { sameForm } from './forms.ts';
import { toNode, type Node, type ScalarNode } from './node.ts';
import type { Findings } from './findings.ts';

/** Nothing is there: not written, `null`, or an environment variable that is empty. */
export const ABSENT = Symbol('absent');
/** Something is wrong there, and a finding says what. */
export const FAILED = Symbol('failed');

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Where the person stands. */
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
  if (node.folder !== undefined) return withPath(schema, { ...node, value: node.value }, node.folder);
  const { text, fromEnvironment, beginsWithVariable, ...filling } = fillEnvironment(node.value, node.place, env);
  filling.findings.forEach((finding) => findings.add(finding));
  if (filling.findings.length > 0) return FAILED;
  if (fromEnvironment && text === '') return ABSENT;
  const folder = beginsWithVariable ? cwd : node.place.source.folder;
  const filled = withPath(schema, { ...node, value: text, folder }, folder);
  return fromEnvironment && filled.value === text ? asWanted(schema, filled) : filled;
}

/** A path made absolute; any other text as it is. */
function withPath(
  schema: Schema,
  node: ScalarNode & { value: string },
  folder: string,
): ScalarNode & { value: string } {
  const isFile = schema[REFERENCE] === undefined || isWeightsFile(node.value);
  return schema[PATH] && node.value !== '' && isFile ? { ...node, value: absolute(node.value, folder) } : node;
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
    return value === null || value === undefined ? node : toNode(value, node.place);
  } catch {
    return node;
  }
}
