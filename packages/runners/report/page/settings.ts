import { Type, type Static } from '@sinclair/typebox';
import { Claim } from '../claims/claim.ts';

const strict = { additionalProperties: false };

const Reference = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'where the numbers come from, as users read it' }),
    rows: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()), {
      description: 'method -> column -> number',
    }),
  },
  strict,
);

const Figure = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, description: 'as users read it' })),
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
