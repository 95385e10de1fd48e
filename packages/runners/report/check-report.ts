import { ConfigError, didYouMean, type Experiment, type Finding } from '@dualprior/core';
import { INPUT } from '../evaluation/results.ts';
import type { ComparisonSettings } from './comparison.ts';

/**
 * Claims and figures may only be about rows of the table and methods of the reference: a row that the table lacks but the paper has is
 * reported, any other name is a mistake. Errors: all such names at once.
 */
export function checkReport(experiment: Experiment): void {
  const spec = experiment.config.report;
  const place = spec && experiment.origin(spec);
  if (spec?.type !== 'comparison' || !place) return;
  const { claims, figures, reference } = spec as unknown as ComparisonSettings;
  const rows = [INPUT, ...experiment.entries('methods').keys(), ...Object.keys(reference?.rows ?? {})];
  const used = [
    ...Object.entries(claims).flatMap(([name, { methods, against }]) =>
      [...methods, ...against].map((method) => [`report.claims.${name}`, method] as const),
    ),
    ...Object.entries(figures).flatMap(([name, { methods = [], steps }]) =>
      [...methods, ...(steps === undefined ? [] : [steps])].map(
        (method) => [`report.figures.${name}`, method] as const,
      ),
    ),
  ];
  const findings = used
    .filter(([, method]) => !rows.includes(method))
    .map(([path, method]): Finding => {
      const hint = didYouMean(method, rows);
      const message = `${path} is about a method that neither the table nor the reference has`;
      return { place, message, found: method, allowed: [...new Set(rows)].join(', '), ...(hint && { hint }) };
    });
  const wrongFigures = Object.entries(figures)
    .filter(([, { methods, steps }]) => (methods === undefined) === (steps === undefined))
    .map(([name]): Finding => ({ place, message: `report.figures.${name} needs either methods or steps` }));
  const all = [...findings, ...wrongFigures];
  if (all.length > 0) throw new ConfigError(all);
}
