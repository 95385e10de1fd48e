import { Type, type Static } from '@sinclair/typebox';
import { Claim } from '../claims/claim.ts';

const strict = { additionalProperties: false };

const Reference = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'source of the values, as shown to users' }),
    rows: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()), {
      description: 'method -> column -> value',
    }),
  },
  strict,
);

const Figure = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, description: 'as shown to users' })),
    methods: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'shows the sharp image (input inset), then these rows side by side',
      }),
    ),
    steps: Type.Optional(
      Type.String({ description: 'a method whose intermediate images are shown side by side: x_R, x_G, x_hat' }),
    ),
  },
  strict,
);

export const ComparisonOptions = Type.Object({
  reference: Type.Optional(Reference),
  claims: Type.Record(Type.String(), Claim, {
    default: {},
    description: 'name -> a claim about the table; each is checked and reported',
  }),
  figures: Type.Record(Type.String(), Figure, {
    default: {},
    description: 'name -> pictures side by side; default: all methods, and the steps of each method that has some',
  }),
});

export type ComparisonSettings = Static<typeof ComparisonOptions>;
