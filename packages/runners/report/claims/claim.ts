import { Type, type Static } from '@sinclair/typebox';

const strict = { additionalProperties: false };

const Condition = Type.Object(
  {
    metric: Type.String({ minLength: 1, description: 'column of the table that decides' }),
    beside: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'other columns that must agree with the metric, if the table has them (kid beside fid); they decide if it lacks the metric. A column of too few images for its features can disagree, but not decide',
    }),
    relation: Type.Union([Type.Literal('better'), Type.Literal('worse')], {
      default: 'better',
      description: 'whether the methods are better or worse than the others',
    }),
    by: Type.Number({
      default: 0,
      description: 'least difference, in units of the metric; negative: better, or worse by at most this much',
    }),
  },
  strict,
);

/** A claim of a paper about its table: each of `methods` against each of `against`, by every condition. */
export const Claim = Type.Object(
  {
    text: Type.String({ minLength: 1, description: 'the claim, as shown to users' }),
    paper: Type.Optional(Type.String({ minLength: 1, description: "the paper's figures, as shown to users" })),
    methods: Type.Array(Type.String(), { minItems: 1, description: 'rows of the claim' }),
    against: Type.Array(Type.String(), { minItems: 1, description: 'rows to compare them with' }),
    conditions: Type.Array(Condition, { minItems: 1, description: 'conditions, all of which must hold' }),
  },
  strict,
);

export type Claim = Static<typeof Claim>;
export type Condition = Claim['conditions'][number];
