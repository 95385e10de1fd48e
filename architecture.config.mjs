import { builtinModules } from 'node:module';

// The architecture, and the rules that keep it: `npm run lint` checks them with dependency-cruiser. `docs/architecture.md` says what each room is for.

/** Packages, from the top down. */
const PACKAGES = ['runners', 'blocks', 'core'];

/** The rooms (folders) of each package, from the top down. A room imports from lines below its own, never from beside it or from above. */
const ROOMS = {
  runners: [
    'cli',
    'oracles', // counterparts of the stages in plain PyTorch
    'soak',
    'sweep', // the variants of an experiment, by a launcher
    'goldens',
    'web', // the page that restores photographs in a browser
    'faces', // found in folders of photographs
    'rehearsal | restore',
    'experiment | bench',
    'checks', // what is found before a run
    'compare | housekeeping | export', // runs beside each other; what runs and the store hold; weights for others
    'report',
    'evaluation',
    'stages | methods',
    'networks | inference',
    'mlflow | tensorboard',
    'launchers | published', // processes and cluster jobs that run stages or whole experiments; official weights and their download
    'store',
    'plugins', // components from outside, imported
    'code | console',
  ],
  blocks: [
    'losses | metrics',
    'faces | features',
    'networks | data | optimizers | augmentations',
    'degradations | schedules',
    'images | kernels',
  ],
  core: [
    'journal | container',
    'config',
    'component | engine | checkpoint | credentials',
    'nn | files | plugins',
    'errors | random | log | process',
  ],
};

/** Programs: they alone load the catalogue of all components. */
const PROGRAMS = [
  '^packages/runners/cli/',
  '^packages/runners/(index|catalogue)\\.ts$',
  '/child\\.ts$',
  '^packages/runners/goldens/component\\.ts$',
];

/** What runs in a browser too: the second doors, all networks, losses and methods, and the page that restores photographs. */
const FOR_BROWSERS = [
  '^packages/(core/nn|blocks/nn)(/|\\.ts$)',
  '^packages/blocks/(networks|losses)/',
  '^packages/runners/(methods|web/page)/',
];
/** All that it may take from others. (tsyringe: a type. The backends are for the page alone.) */
const IN_BROWSERS = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-(webgpu|webgl|wasm)',
  '@sinclair/typebox',
  'tsyringe',
];

const TESTS = ['\\.test\\.ts$', '/testing/'];

const rooms = (line) => line.split(' | ');
const folder = (of, names) => `^packages/${of}/(${names.join('|')})/`;

function downwards(name, from, above) {
  return {
    name,
    severity: 'error',
    comment: 'Imports go down only: see the order of packages and rooms in architecture.config.mjs.',
    from: { path: from, pathNot: TESTS },
    to: { path: above },
  };
}

const betweenPackages = PACKAGES.slice(1).map((name, i) =>
  downwards(`up-from-${name}`, `^packages/${name}/`, `^packages/(${PACKAGES.slice(0, i + 1).join('|')})/`),
);

const betweenRooms = Object.entries(ROOMS)
  .flatMap(([of, lines]) =>
    lines.flatMap((line, i) =>
      rooms(line).map((room) => {
        const others = [...lines.slice(0, i).flatMap(rooms), ...rooms(line).filter((other) => other !== room)];
        return others.length === 0 ? [] : downwards(`up-from-${of}/${room}`, folder(of, [room]), folder(of, others));
      }),
    ),
  )
  .flat();

const unknownRooms = Object.entries(ROOMS).map(([of, lines]) => ({
  name: `unknown-room-of-${of}`,
  severity: 'error',
  comment: 'A new folder has its place in architecture.config.mjs.',
  from: { path: `^packages/${of}/[^/]+/`, pathNot: [folder(of, [...lines.flatMap(rooms), 'testing'])] },
  to: {},
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...betweenPackages,
    ...betweenRooms,
    ...unknownRooms,
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Files that import each other in a circle cannot be read one at a time.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'through-the-door',
      severity: 'error',
      comment:
        'Other packages are imported by name, so that what they offer stands in their package.json and index.ts.',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'catalogue-in-programs-only',
      severity: 'error',
      comment: 'Only programs load all components; everything else is given what it uses.',
      from: { path: '^packages/runners/', pathNot: [...PROGRAMS, ...TESTS] },
      to: { path: '^packages/runners/(index|catalogue|components\\.generated)\\.ts$' },
    },
    {
      name: 'for-browsers',
      severity: 'error',
      comment:
        'Networks, losses, methods and the doors for browsers run there: nothing that they reach needs Node, native code or the main doors.',
      from: { path: FOR_BROWSERS, pathNot: TESTS },
      to: {
        reachable: true,
        path: [`^(node:)?(${builtinModules.join('|')})$`, '^node_modules/', '^packages/(core|blocks)/index\\.ts$'],
        pathNot: IN_BROWSERS.map((name) => `^node_modules/${name}/`),
      },
    },
    {
      name: 'declared',
      severity: 'error',
      comment: 'A package declares what it uses in its package.json.',
      from: { path: '^packages/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    {
      name: 'resolved',
      severity: 'error',
      comment: 'What is imported exists.',
      from: { path: '^packages/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      comment: 'What tests share is not for the product; yarn soak, which tests, may use it.',
      from: { path: '^packages/', pathNot: [...TESTS, '^packages/runners/(soak|goldens|oracles)/'] },
      to: { path: TESTS },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.(json|css)$|/runs/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
