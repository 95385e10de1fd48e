import { Type } from '@sinclair/typebox';
import { IDENTITY } from '../../component/path-option.ts';

const Seed = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Seeds = Type.Array(Seed, { minItems: 1 });

/** `seeds` of an experiment file: trains everything once per seed, except the stages that are shared. */
export const SEEDS = Type.Union(
  [
    Seeds,
    Type.Object(
      {
        values: Seeds,
        shared: Type.Optional(
          Type.Array(Type.String(), {
            description: 'stages that are trained once, with the first seed; by default those that train a prior',
          }),
        ),
      },
      { additionalProperties: false },
    ),
  ],
  { description: 'trains the experiment once per seed; replaces `seed`', [IDENTITY]: false },
);

const VALUES = Type.Array(Type.Unknown(), { minItems: 1 });

/** `sweep` of an experiment file: what is tried beside the experiment as it stands. */
export const SWEEP = Type.Object(
  {
    grid: Type.Record(Type.String(), VALUES, {
      default: {},
      description: 'path -> values, e.g. `networks.nafnet.width: [16, 32]`; all combinations are tried',
    }),
    variants: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
      default: {},
      description: 'name -> {path: value}; tried beside the grid, not crossed with it',
    }),
  },
  { additionalProperties: false, description: 'variants of the experiment that run beside it', [IDENTITY]: false },
);
