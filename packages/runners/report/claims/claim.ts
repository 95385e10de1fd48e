import { Type, type Static } from '@sinclair/typebox';

const strict = { additionalProperties: false };

const Condition = Type.Object(
  {
    metric: Type.String({ minLength: 1, description: 'column of the table that decides' }),
    beside: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'columns that must agree with it, as far as the table has them (kid beside fid); where it lacks the metric itself, they decide. A column of too few images for its features can disagree, but not decide',
    }),
    relation: Type.Union([Type.Literal('better'), Type.Literal('worse')], {
      default: 'better',
      description: 'whether the methods are better or worse than those they are compared with',
    }),
    by: Type.Number({
      default: 0,
      description: 'by at least so much, in units of the metric; negative: better, or else worse by no more than this',
    }),
  },
  strict,
);

/** A claim of a paper about its table: each of `methods` against each of `against`, by every condition. */
export const Claim = Type.Object(
  {
    text: Type.String({ minLength: 1, description: 'what is claimed, as users read it' }),
    paper: Type.Optional(Type.String({ minLength: 1, description: "the paper's figures, as users read it" })),
    methods: Type.Array(Type.String(), { minItems: 1, description: 'rows that the claim is about' }),
    against: Type.Array(Type.String(), { minItems: 1, description: 'rows that they are compared with' }),
    conditions: Type.Array(Condition, { minItems: 1, description: 'what must be so; all of them' }),
  },
  strict,
);

export type Claim = Static<typeof Claim>;
export type Condition = Claim['conditions'][number];
