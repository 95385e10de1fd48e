import { spelled, UserError, type Experiment } from '@dualprior/core';
import { neededFiles } from '../published/needs.ts';
import { byHand, publishedTable } from '../published/words.ts';

/** Checks that the published weights are there that experiments call by name. Errors: `UserError` with one list of all that are missing. */
export function checkPublished(experiments: readonly Experiment[]): void {
  const files = experiments.flatMap(neededFiles).filter(({ isThere }) => !isThere);
  const missing = [...new Set(files.flatMap(({ published }) => published ?? []))];
  if (missing.length === 0) return;
  const { name, file } = experiments[0]!;
  const hand = missing.filter(({ url }) => url === undefined);
  const lines = [
    `${name} needs weights that are not there yet:`,
    ...publishedTable(missing, () => false).map((line) => `  ${line}`),
    ...(hand.length < missing.length
      ? [`${spelled(`weights fetch ${file}`)} downloads them${hand.length > 0 ? ', but for:' : '.'}`]
      : []),
    ...hand.map((weights) => `  ${weights.name}: ${byHand(weights)}`),
  ];
  const problems = missing.map((weights) => ({
    file: null,
    line: null,
    column: null,
    message: `weights ${weights.name} are missing`,
    found: null,
    allowed: byHand(weights),
  }));
  throw new UserError(lines.join('\n'), problems);
}
