import type { Optimizer } from '@dualprior/blocks';

/** What of a stage's options says when something is done, in iterations. */
interface Intervals {
  readonly iterations: number;
  readonly saveEvery: number;
  readonly validation?: unknown;
  readonly validateEvery?: number;
  readonly quality?: { readonly every: number } | undefined;
}

/** What is done only at the end, as its interval is longer than the training; a clause each. */
export function intervalWarnings({ iterations, saveEvery, validation, validateEvery, quality }: Intervals): string[] {
  const beyond = (option: string, every: number | undefined, what: string): string[] =>
    every !== undefined && every > iterations
      ? [`\`${option}\` is ${every}, but the training has ${iterations} iterations: ${what}`]
      : [];
  return [
    ...beyond('validateEvery', validation === undefined ? undefined : validateEvery, 'only the end will be validated'),
    ...beyond('quality.every', quality?.every, 'only the end will be measured'),
    ...beyond('saveEvery', saveEvery, 'nothing will be saved before the end'),
  ];
}

/** Warnings of a part of a stage, with its option. */
export function warningsOf(option: string, warnings: readonly string[]): string[] {
  return warnings.map((warning) => `\`${option}\`: ${warning}`);
}

/** Warnings of the optimizers of several networks. */
export function optimizerWarnings(optimizers: Readonly<Record<string, Optimizer>>, iterations: number): string[] {
  return Object.entries(optimizers).flatMap(([role, optimizer]) =>
    warningsOf(`optimizers.${role}`, optimizer.warnings(iterations)),
  );
}
