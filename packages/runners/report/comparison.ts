import { Type, type Static } from '@sinclair/typebox';
import { Claim } from './claims/claim.ts';
import { judge, type Judgement } from './claims/judge.ts';
import { judgementLine } from './claims/words.ts';
import { reportPage } from './page/page.ts';
import { reports, type Report, type RunRecord } from './report.ts';

const strict = { additionalProperties: false };

const Reference = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'where the numbers come from, for people' }),
    rows: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()), {
      description: 'method -> column -> number',
    }),
  },
  strict,
);

const Figure = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, description: 'for people' })),
    methods: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'sharp image (input inset), then these rows side by side',
      }),
    ),
    steps: Type.Optional(
      Type.String({ description: 'a method that shows the images on its way side by side: x_R, x_G, x_hat' }),
    ),
  },
  strict,
);

export const ComparisonOptions = Type.Object({
  reference: Type.Optional(Reference),
  claims: Type.Record(Type.String(), Claim, {
    default: {},
    description: 'name -> what is claimed of the table; each is checked and reported, whether it holds or not',
  }),
  figures: Type.Record(Type.String(), Figure, {
    default: {},
    description: 'name -> pictures side by side; without any: all methods, and the steps of each that has some',
  }),
});

export type ComparisonSettings = Static<typeof ComparisonOptions>;

/** `report.html`: the results beside a paper's numbers, its claims, figures, curves and all that they stand on, in one page. */
@reports.component({
  type: 'comparison',
  description: "the table beside a paper's numbers and claims, figures, curves, configuration: one page",
  options: ComparisonOptions,
})
export class ComparisonReport implements Report {
  constructor(readonly settings: ComparisonSettings) {}

  page(record: RunRecord): Promise<string> {
    return reportPage(record, this.settings, this.#judge(record));
  }

  conclusions(record: RunRecord): string[] {
    return this.#judge(record).map((judgement) => judgementLine(judgement, record.results.columns));
  }

  #judge({ evidence }: RunRecord): Judgement[] {
    return Object.entries(this.settings.claims).map(([name, claim]) => judge(name, claim, evidence));
  }
}
