import { possibleColumns } from '@dualprior/blocks';
import { ConfigError, didYouMean, type Experiment, type Finding } from '@dualprior/core';
import { INPUT } from '../evaluation/results.ts';
import type { ComparisonSettings } from '../report/page/settings.ts';

/** A name that claims or figures use, and where. */
interface Use {
  readonly path: string;
  readonly name: string;
}

/**
 * Claims and figures may only be about rows and columns of the table or of the reference: what the table lacks but the paper has is
 * reported, any other name is a mistake. Columns beside another may be any that some metric makes. Errors: all such names at once.
 * @param columns of the table
 */
export function checkReport(experiment: Experiment, columns: readonly string[]): void {
  const spec = experiment.config.report;
  const place = spec && experiment.origin(spec);
  if (spec?.type !== 'comparison' || !place) return;
  const { claims, figures, reference } = spec as unknown as ComparisonSettings;
  const known = Object.values(reference?.rows ?? {}).flatMap((row) => Object.keys(row));
  const rows = [INPUT, ...experiment.entries('methods').keys(), ...Object.keys(reference?.rows ?? {})];
  const metrics = [...columns, ...known];
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
    ...methodsOf({ claims, figures }).flatMap((use) => unknown(use, 'method', rows)),
    ...metricsOf(claims).flatMap((use) => unknown(use, 'metric', metrics)),
    ...besidesOf(claims).flatMap((use) =>
      unknown(use, 'column beside others', [...metrics, ...possibleColumns()], 'no metric makes'),
    ),
    ...Object.entries(figures).flatMap(([name, { methods, steps }]): Finding[] =>
      (methods === undefined) === (steps === undefined)
        ? [{ place, message: `report.figures.${name} needs either methods or steps` }]
        : [],
    ),
  ];
  if (findings.length > 0) throw new ConfigError(findings);
}

function methodsOf({ claims, figures }: Pick<ComparisonSettings, 'claims' | 'figures'>): Use[] {
  const ofClaims = Object.entries(claims).flatMap(([claim, { methods, against }]) =>
    [...methods, ...against].map((name) => ({ path: `report.claims.${claim}`, name })),
  );
  const ofFigures = Object.entries(figures).flatMap(([figure, { methods = [], steps }]) =>
    [...methods, ...(steps === undefined ? [] : [steps])].map((name) => ({ path: `report.figures.${figure}`, name })),
  );
  return [...ofClaims, ...ofFigures];
}

function metricsOf(claims: ComparisonSettings['claims']): Use[] {
  return Object.entries(claims).flatMap(([claim, { conditions }]) =>
    conditions.map(({ metric }) => ({ path: `report.claims.${claim}`, name: metric })),
  );
}

function besidesOf(claims: ComparisonSettings['claims']): Use[] {
  return Object.entries(claims).flatMap(([claim, { conditions }]) =>
    conditions.flatMap(({ beside }) => beside.map((name) => ({ path: `report.claims.${claim}`, name }))),
  );
}
