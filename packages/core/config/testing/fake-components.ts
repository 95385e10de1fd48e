import { Type, type TObject } from '@sinclair/typebox';
import { catalogue } from '../../component/catalogue.ts';
import { Kind, reference } from '../../component/kind.ts';
import { addressOption, IDENTITY, pathOption } from '../../component/path-option.ts';
import { weightsOption } from '../../component/weights-option.ts';
import { UserError } from '../../errors/user-error.ts';

/** Components that do nothing, for tests: they remember what they were made with. */
export class Fake {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever they put in.
  constructor(readonly options: any) {}
}

function fake(kind: string, type: string, options: TObject): void {
  const create = class extends Fake {};
  catalogue.add({ kind, declaration: { type, description: `the ${kind} ${type}`, options }, create, file: '' });
}

const networks = new Kind<Fake>('network', {
  common: { weights: Type.Optional(weightsOption({ description: 'initial weights' })) },
});
const losses = new Kind<Fake>('loss');
const optimizers = new Kind<Fake>('optimizer');
const schedules = new Kind<Fake>('schedule');
const kernels = new Kind<Fake>('kernels');

fake('loss', 'psnr', Type.Object({}));
fake('loss', 'charbonnier', Type.Object({ epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-3 }) }));
fake('schedule', 'constant', Type.Object({}));
fake('schedule', 'cosine', Type.Object({ minimum: Type.Number({ minimum: 0, default: 0 }) }));
fake(
  'optimizer',
  'adam',
  Type.Object({
    learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 1e-3, description: 'step size' }),
    betas: Type.Tuple([Type.Number({ minimum: 0 }), Type.Number({ minimum: 0 })], { default: [0.9, 0.999] }),
    schedule: schedules.option({ default: { type: 'constant' } }),
  }),
);
fake('kernels', 'camera-shake', Type.Object({ count: Type.Integer({ minimum: 1, default: 1000 }) }));
fake('degradation', 'motion-blur', Type.Object({ kernels: kernels.option() }));
fake(
  'dataset',
  'folder',
  Type.Object({
    root: pathOption({ description: 'folder of images' }),
    size: Type.Integer({ minimum: 8, description: 'side in pixels' }),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    degradation: Type.Optional(reference('degradations')),
  }),
);
fake('dataset', 'held-out', Type.Object({ of: reference('data') }));
fake(
  'network',
  'nafnet',
  Type.Object({
    width: Type.Integer({ minimum: 1, default: 32, description: 'channels' }),
    blocks: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, default: [1, 1] }),
  }),
);
fake('network', 'hinet', Type.Object({ depth: Type.Integer({ minimum: 1, description: 'levels' }) }));
fake(
  'stage',
  'regression',
  Type.Object({
    network: reference('networks'),
    data: reference('data'),
    iterations: Type.Integer({ minimum: 1 }),
    batch: Type.Object({ size: Type.Integer({ minimum: 1, default: 8 }) }, { default: {} }),
    loss: losses.option({ default: { type: 'psnr' } }),
    losses: Type.Optional(Type.Array(losses.option())),
    optimizer: optimizers.option({ default: { type: 'adam' } }),
    flip: Type.Boolean({ default: true }),
    keep: Type.Union([Type.Literal('best'), Type.Literal('last')], { default: 'best' }),
    clip: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('auto')])),
    note: Type.Optional(Type.String()),
    logEvery: Type.Integer({ minimum: 1, default: 10, [IDENTITY]: false }),
  }),
);
fake('method', 'regression', Type.Object({ network: reference('networks') }));
fake('metric', 'psnr', Type.Object({}));
fake(
  'tracker',
  'mlflow',
  Type.Object({ uri: Type.Optional(addressOption({ pattern: '^http' })), experiment: Type.String({ default: 'all' }) }),
);
fake('tracker', 'files', Type.Object({}));

/** A network whose constructor finds something wrong. */
@networks.component({
  type: 'odd',
  description: 'wants an even width',
  options: Type.Object({ width: Type.Integer() }),
})
export class Odd extends Fake {
  constructor(options: { width: number }) {
    super(options);
    if (options.width % 2 === 1) throw new UserError(`odd: width is ${options.width}, but must be even.`);
  }
}

/** An experiment that these components make up, without errors. */
export const VALID = `name: valid
seed: 0
degradations:
  blur: {type: motion-blur, kernels: {type: camera-shake}}
data:
  train: {type: folder, root: images/train, size: 64, degradation: blur}
  validation: {type: held-out, of: train}
  test: {type: folder, root: images/test, size: 64, degradation: blur}
networks:
  nafnet: {type: nafnet, blocks: [1, 2]}
  hinet: {type: hinet, depth: 2}
stages:
  first: {type: regression, network: nafnet, data: train, iterations: 10}
  second: {type: regression, network: first.nafnet, data: train, iterations: 10}
methods:
  NAFNet: {type: regression, network: second.nafnet}
metrics:
  psnr: {type: psnr}
evaluation: {data: test}
`;
