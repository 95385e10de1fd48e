import { Type } from '@sinclair/typebox';
import { COMPONENT, reference } from '../component/kind.ts';
import { IDENTITY, moduleOption, pathOption } from '../component/path-option.ts';
import { asSchema, WORDS, type Schema } from '../component/schema.ts';
import { SEEDS, SWEEP } from './sweep/schema.ts';

/** The sections that are maps from free names to components, with the kind of their components. */
export const SECTIONS = {
  degradations: 'degradation',
  data: 'dataset',
  networks: 'network',
  stages: 'stage',
  methods: 'method',
  metrics: 'metric',
} as const;

export type Section = keyof typeof SECTIONS;

export const SECTION_NAMES = Object.keys(SECTIONS) as Section[];

/** Names become folders, parts of `STAGE.NAME` and names in trackers; keys of digits alone would lose their order. */
export const ENTRY_NAME = '^(?!\\d+$)[A-Za-z0-9_][A-Za-z0-9_-]*$';
const EXPERIMENT_NAME = '^[A-Za-z0-9_][A-Za-z0-9_.-]*$';
/** Nothing refers to a method or metric by `A.B`, so their names may hold points (`NAFNet-1.5`). */
export const ROW_NAME = '^(?!\\d+$)[A-Za-z0-9_][A-Za-z0-9_.-]*$';

const notResult = { [IDENTITY]: false };

const trackerOption = Type.Unsafe({ [COMPONENT]: 'tracker' });

const section = (name: Section, description: string) =>
  Type.Record(Type.String(), Type.Unsafe({ [COMPONENT]: SECTIONS[name] }), { default: {}, description });

/** Modules that are imported before the rest of the file is checked, so that it may name their components. */
export const PLUGINS = Type.Array(moduleOption(), {
  description: 'modules with components of your own: paths that begin with "./", "../", "/" or "~/", or packages',
  ...notResult,
});

/** An experiment file. The sections are checked entry by entry, since their entries refer to each other. */
export const EXPERIMENT: Schema = asSchema(
  Type.Object({
    name: Type.Optional(
      Type.String({
        pattern: EXPERIMENT_NAME,
        maxLength: 100,
        [WORDS]: 'letters, digits, "_", "-" and ".", beginning with a letter, a digit or "_"',
        description: 'name of the experiment, and prefix of its run directory; default: the name of the file',
        ...notResult,
      }),
    ),
    seed: Type.Integer({ minimum: 0, default: 0, description: 'determines all randomness of the run' }),
    seeds: Type.Optional(SEEDS),
    sweep: Type.Optional(SWEEP),
    runtime: Type.Object(
      {
        device: Type.Union([Type.Literal('auto'), Type.Literal('cpu'), Type.Literal('gpu')], {
          default: 'auto',
          description: 'auto uses a GPU if there is one',
        }),
        compile: Type.Boolean({
          default: true,
          description:
            'run each training step, and restoration, as one TensorFlow function: the same results in less time',
        }),
        recompute: Type.Boolean({
          default: false,
          description: 'recompute blocks for their gradients instead of keeping their results: less memory, more time',
        }),
        xla: Type.Optional(Type.Boolean({ description: 'compile blocks with XLA; default: only on a GPU' })),
        degrade: Type.Optional(
          Type.Union([Type.Literal('host'), Type.Literal('device')], {
            description:
              'where training images are blurred: on the processor (host, or absent), or where the step runs (device), if `motion-blur` is their only degradation',
          }),
        ),
        threads: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1024,
            description:
              'threads per operation on a CPU; a stage keeps the number that it started with; default: one per core',
          }),
        ),
        workers: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 256,
            description:
              'threads that read, crop and degrade images ahead of training and evaluation; 0: only the main thread; default: the number of cores minus two, between 1 and 16 (0 on a single core)',
          }),
        ),
      },
      { default: {}, description: 'where and how it runs', ...notResult },
    ),
    degradations: section('degradations', 'ways to degrade images'),
    data: section('data', 'data sets'),
    networks: section('networks', 'networks with their initial weights'),
    stages: section('stages', 'what is trained'),
    methods: section('methods', 'what is compared: a row of the table each'),
    metrics: section('metrics', 'how it is compared: the columns of the table'),
    evaluation: Type.Optional(
      Type.Object(
        {
          data: reference('data', { description: 'the images that every method restores' }),
          batch: Type.Integer({ minimum: 1, default: 8, description: 'images at a time', ...notResult }),
          images: Type.Integer({
            minimum: 0,
            default: 8,
            description: 'how many sample images each method saves',
            ...notResult,
          }),
        },
        { description: 'the data to compare on' },
      ),
    ),
    tracking: Type.Optional(
      Type.Union([trackerOption, Type.Array(trackerOption, { minItems: 1 })], {
        description: 'where curves and results are logged: a tracker, or a list of trackers; null: nowhere',
        ...notResult,
      }),
    ),
    report: Type.Optional(
      Type.Unsafe({
        [COMPONENT]: 'report',
        description: 'reference values, claims to check and figures: {type: comparison}',
        ...notResult,
      }),
    ),
    launcher: Type.Optional(
      Type.Unsafe({
        [COMPONENT]: 'launcher',
        description: 'where stages are trained; default: one after the other on this machine',
        ...notResult,
      }),
    ),
    plugins: Type.Optional(PLUGINS),
    store: Type.Optional(pathOption({ description: 'folder of trained stages', ...notResult })),
  }),
);

/** An experiment without its sections. */
export const GENERAL: Schema = {
  ...EXPERIMENT,
  properties: Object.fromEntries(Object.entries(EXPERIMENT.properties!).filter(([key]) => !(key in SECTIONS))),
  required: EXPERIMENT.required!.filter((key) => !(key in SECTIONS)),
};
