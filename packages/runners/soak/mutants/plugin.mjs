import { relative } from 'node:path';
import { PluginKind, commonTokens, declareClassPlugin, declareValuePlugin, tokens } from '@stryker-mutator/api/plugin';

// What Stryker loads beside its Jest runner. Its processes know no TypeScript.

/** Words for users are not mutated: descriptions, and what errors say. */
export const words = {
  shouldIgnore(path) {
    const { key, callee } = path.node;
    if (path.isObjectProperty() && key.name === 'description') return 'a description';
    if (path.isNewExpression() && /(Error|Problem)$/.test(callee.name ?? '')) return 'an error';
    return undefined;
  },
};

/** Tells mutants of one file apart, whatever else of the file is mutated. */
export function keyOf({ location: { start, end }, replacement }) {
  return `${start.line}:${start.column}-${end.line}:${end.column} ${replacement}`;
}

/** Stryker mutates all that lies in a range; of that, only what was drawn is tried. */
class Drawn {
  static inject = tokens(commonTokens.options);

  constructor({ drawn }) {
    this.drawn = drawn;
  }

  async init() {}

  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const verdict = (mutant) => {
      const drawn = this.drawn[relative(process.cwd(), mutant.fileName)]?.includes(keyOf(mutant));
      return drawn ? { status: 'passed' } : { status: 'compileError', reason: 'not drawn' };
    };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, verdict(mutant)]));
  }
}

/** One line of JSON on standard output for each mutant, at once: Stryker's own reports are written at the end only. */
class Lines {
  onMutantTested(mutant) {
    if (mutant.statusReason === 'not drawn') return;
    const { fileName, replacement, location } = mutant;
    const isEndless = /SIGXCPU/.test(mutant.statusReason); // its process used up its processor time (jest-runner.mjs)
    const status = isEndless ? 'Timeout' : mutant.status;
    const fromZero = ({ line, column }) => ({ line: line - 1, column: column - 1 }); // reports count from 1
    const key = keyOf({ replacement, location: { start: fromZero(location.start), end: fromZero(location.end) } });
    process.stdout.write(`${JSON.stringify({ file: relative(process.cwd(), fileName), key, status })}\n`);
  }
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'words', words),
  declareClassPlugin(PluginKind.Checker, 'drawn', Drawn),
  declareClassPlugin(PluginKind.Reporter, 'lines', Lines),
];
