import type { Finding } from './findings.ts';
import type { Place } from './source.ts';

/** A text after its `${env:NAME}` and `${env:NAME:-default}` were filled in. */
interface Filled {
  readonly text: string;
  /** There was one at least: the text is then read as whatever type the schema wants. */
  readonly fromEnvironment: boolean;
  /** It begins with the value of a variable, so a path is relative to the working directory. */
  readonly beginsWithVariable: boolean;
  /** Variables that are not set and have no default, and defaults that hold another variable. */
  readonly findings: readonly Finding[];
}

const PATTERN = /\$?\$\{env:([^}:]*)(?::-([^}]*))?\}/g;
const NESTED = /\$\{env:[^}]*\$\{env:[^}]*\}\}?/;

/** `$${env:NAME}` stands for the text `${env:NAME}` itself. A variable that is set to nothing counts as set only where there is no default. */
export function fillEnvironment(text: string, place: Place, env: NodeJS.ProcessEnv): Filled {
  const findings: Finding[] = [];
  const nested = NESTED.exec(text)?.[0];
  if (nested !== undefined) findings.push(nestedVariable(within(place, nested)));
  let fromEnvironment = false;
  let beginsWithVariable = false;
  const filled = text.replaceAll(PATTERN, (match, name: string, otherwise: string | undefined, offset: number) => {
    if (match.startsWith('$$')) return match.slice(1);
    fromEnvironment = true;
    const value = env[name];
    if (value === undefined && otherwise === undefined) findings.push(unsetVariable(name, within(place, match)));
    if (value !== undefined && (value !== '' || otherwise === undefined)) {
      beginsWithVariable ||= offset === 0;
      return value;
    }
    return otherwise ?? '';
  });
  return { text: filled, fromEnvironment, beginsWithVariable, findings };
}

/** What is wrong where a variable is used that is not set. */
function unsetVariable(name: string, place: Place): Finding {
  return {
    place,
    variable: name,
    message: `the environment variable ${name || '(without a name)'} is not set`,
    hint: `set it, or give a default: \${env:${name || 'NAME'}:-default}`,
  };
}

function nestedVariable(place: Place): Finding {
  return {
    place,
    message: 'the default of an environment variable cannot hold another one',
    allowed: '${env:NAME} or ${env:NAME:-default}',
    hint: 'use one variable, and let your shell set it from the other: NAME="${NAME:-$OTHER}"',
  };
}

/** What `fillEnvironment` turns into this very text. */
export function escapeEnvironment(text: string): string {
  return text.replaceAll(PATTERN, (match) => `$${match}`);
}

function within(place: Place, match: string): Place {
  const start = place.source.text.indexOf(match, place.start);
  return start < 0 || start >= place.end ? place : { ...place, start, end: start + match.length };
}
