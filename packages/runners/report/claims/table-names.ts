import type { ComparisonSettings } from '../page/settings.ts';

/** A name that a report uses, and where. */
export interface Use {
  readonly path: string;
  readonly name: string;
}

/** Rows that a report compares with each other. */
interface RowComparison {
  readonly claim: string;
  readonly methods: readonly string[];
  readonly against: readonly string[];
}

/** What the options of a report say of the table (`Declaration.about`). */
export interface ReportFacts {
  /** The rows and columns that it is about: of the table, or of a reference that it has. */
  readonly rows: readonly Use[];
  readonly columns: readonly Use[];
  /** Columns that the table may lack, but that some metric can make. */
  readonly beside: readonly Use[];
  /** Rows and columns of its reference. */
  readonly reference: { readonly rows: readonly string[]; readonly columns: readonly string[] };
  readonly comparisons: readonly RowComparison[];
  /** What else is wrong with its options, a line each, for display. */
  readonly mistakes: readonly string[];
}

/** What claims, figures and the reference of a comparison say. */
export function tableNames({ claims, figures, reference }: ComparisonSettings): ReportFacts {
  const ofClaims = Object.entries(claims).map(([claim, each]) => ({ claim, path: `report.claims.${claim}`, ...each }));
  const ofFigures = Object.entries(figures).map(([figure, each]) => ({ path: `report.figures.${figure}`, ...each }));
  const rows = Object.entries(reference?.rows ?? {});
  return {
    rows: [
      ...ofClaims.flatMap(({ path, methods, against }) => [...methods, ...against].map((name) => ({ path, name }))),
      ...ofFigures.flatMap(({ path, methods = [], steps }) =>
        [...methods, ...(steps === undefined ? [] : [steps])].map((name) => ({ path, name })),
      ),
    ],
    columns: ofClaims.flatMap(({ path, conditions }) => conditions.map(({ metric }) => ({ path, name: metric }))),
    beside: ofClaims.flatMap(({ path, conditions }) =>
      conditions.flatMap(({ beside }) => beside.map((name) => ({ path, name }))),
    ),
    reference: { rows: rows.map(([name]) => name), columns: rows.flatMap(([, row]) => Object.keys(row)) },
    comparisons: ofClaims.map(({ claim, methods, against }) => ({ claim, methods, against })),
    mistakes: ofFigures.flatMap(({ path, methods, steps }) =>
      (methods === undefined) === (steps === undefined) ? [`${path} needs either methods or steps`] : [],
    ),
  };
}
