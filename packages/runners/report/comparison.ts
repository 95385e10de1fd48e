import { judge, type Judgement } from './claims/judge.ts';
import { tableNames } from './claims/table-names.ts';
import { judgementLine } from './claims/words.ts';
import { reportPage } from './page/page.ts';
import { ComparisonOptions, type ComparisonSettings } from './page/settings.ts';
import { reports, type Report, type RunRecord } from './report.ts';
import { claimsOverSeeds, type ClaimOverSeeds } from './seeds/claims-over-seeds.ts';
import type { SeedRun } from './seeds/seed-run.ts';

/** `report.html`: the results beside a paper's numbers, its claims, figures, curves and everything that they depend on, in one page. */
@reports.component({
  type: 'comparison',
  description: "one page with the table, a paper's values and claims, figures, curves and configuration",
  options: ComparisonOptions,
  about: tableNames,
})
export class ComparisonReport implements Report {
  constructor(readonly settings: ComparisonSettings) {}

  page(record: RunRecord): Promise<string> {
    return reportPage(record, this.settings, {
      judgements: this.#judge(record),
      overSeeds: this.overSeeds(record.seeds),
    });
  }

  conclusions(record: RunRecord): string[] {
    return this.#judge(record).map((judgement) => judgementLine(judgement, record.results.columns));
  }

  overSeeds(runs: readonly SeedRun[]): ClaimOverSeeds[] {
    return runs.length > 1 ? claimsOverSeeds(this.settings.claims, runs) : [];
  }

  #judge({ evidence }: RunRecord): Judgement[] {
    return Object.entries(this.settings.claims).map(([name, claim]) => judge(name, claim, evidence));
  }
}
