import { possibleColumns } from '@dualprior/blocks';
import { ConfigError, didYouMean, type Experiment, type Finding } from '@dualprior/core';
import { INPUT } from '../evaluation/results.ts';
import type { Use } from '../report/claims/table-names.ts';
import { reports } from '../report/report.ts';

/**
 * Claims and figures may only be about rows and columns of the table or of the reference: what the table lacks but the paper has is
 * reported, any other name is a mistake. Columns beside another may be any that some metric makes. Errors: all such names at once.
 * @param columns of the table
 */
export function checkReport(experiment: Experiment, columns: readonly string[]): void {
  const spec = experiment.config.report;
  const place = spec && experiment.origin(spec);
  if (!spec || !place) return;
  const { reference, mistakes, ...uses } = reports.about(spec);
  const rows = [INPUT, ...experiment.entries('methods').keys(), ...reference.rows];
  const metrics = [...columns, ...reference.columns];
  const unknown = (
    { path, name }: Use,
    what: string,
    names: readonly string[],
    nobody = 'neither the table nor the reference has',
  ): Finding[] => {
    if (names.includes(name)) return [];
    const message = `${path} is about a ${what} that ${nobody}`;
    const allowed = [...new Set(names)].join(', ');
    return [{ place, message, found: name, allowed, hint: didYouMean(name, names) }];
  };
  const findings = [
    ...uses.rows.flatMap((use) => unknown(use, 'method', rows)),
    ...uses.columns.flatMap((use) => unknown(use, 'metric', metrics)),
    ...uses.beside.flatMap((use) =>
      unknown(use, 'column beside others', [...metrics, ...possibleColumns()], 'no metric makes'),
    ),
    ...mistakes.map((message): Finding => ({ place, message })),
  ];
  if (findings.length > 0) throw new ConfigError(findings);
}
