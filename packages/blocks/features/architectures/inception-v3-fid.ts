import { kaimingUniform, maxPool2d, Module, Parameter } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { FrozenBatchNorm2d } from '../trunks/frozen-batch-norm.ts';
import { IMAGE, Trunk, type Layer } from '../trunks/trunk.ts';

const SIDE = 299;
const EPSILON = 1e-3;
const POOL = { kernel: 3, stride: 2 };

/**
 * The Inception v3 of the Frechet inception distance (pytorch-fid:inception.py, weights of 2015-12-05). Images of any size are
 * resized to 299x299 (bilinear, half-pixel centres, no antialiasing) and scaled to [-1, 1]. Layers have the official names, besides
 * `resized`, `pool1` (64 channels), `pool2` (192) and `pool3` (2048 channels, 1x1), which FID takes; `Mixed_6e` has 768.
 */
export function inceptionV3Fid(): Trunk {
  const blocks: readonly Block[] = [
    ['Conv2d_1a_3x3', new BasicConv2d(3, 32, [3, 3], 2)],
    ['Conv2d_2a_3x3', new BasicConv2d(32, 32, [3, 3])],
    ['Conv2d_2b_3x3', new BasicConv2d(32, 64, [3, 3], 'same')],
    ['pool1', (x) => maxPool2d(x, POOL)],
    ['Conv2d_3b_1x1', new BasicConv2d(64, 80, [1, 1])],
    ['Conv2d_4a_3x3', new BasicConv2d(80, 192, [3, 3])],
    ['pool2', (x) => maxPool2d(x, POOL)],
    ['Mixed_5b', new InceptionA(192, 32)],
    ['Mixed_5c', new InceptionA(256, 64)],
    ['Mixed_5d', new InceptionA(288, 64)],
    ['Mixed_6a', new InceptionB(288)],
    ['Mixed_6b', new InceptionC(768, 128)],
    ['Mixed_6c', new InceptionC(768, 160)],
    ['Mixed_6d', new InceptionC(768, 160)],
    ['Mixed_6e', new InceptionC(768, 192)],
    ['Mixed_7a', new InceptionD(768)],
    ['Mixed_7b', new InceptionE(1280, averagePool)],
    ['Mixed_7c', new InceptionE(2048, (x) => maxPool2d(x, { kernel: 3, stride: 1, padding: 1 }))],
    ['pool3', (x) => tf.mean<Tensor4D>(x, [1, 2], true)],
  ];
  const resized: Layer = {
    name: 'resized',
    inputs: [IMAGE],
    run: ([image]) => tf.image.resizeBilinear(image!, [SIDE, SIDE], false, true),
    side: () => SIDE,
  };
  const scaled: Layer = { name: 'scaled', inputs: ['resized'], run: ([x]) => tf.sub(tf.mul<Tensor4D>(x!, 2), 1) };
  const layers = blocks.map(([name, block], i): Layer => ({
    name,
    inputs: [blocks[i - 1]?.[0] ?? scaled.name],
    run: ([x]) => (typeof block === 'function' ? block(x!) : block.forward(x!)),
  }));
  return new Trunk('inception-v3-fid', [resized, scaled, ...layers], Object.fromEntries(blocks));
}

type Block = readonly [string, Unary | ((x: Tensor4D) => Tensor4D)];

interface Unary extends Module {
  forward(x: Tensor4D): Tensor4D;
}

/** Convolution without bias, batch normalisation, ReLU. Padded ones (`same`) have stride 1, others no padding. */
class BasicConv2d extends Module implements Unary {
  readonly conv: ConvolutionWeight;
  readonly bn: FrozenBatchNorm2d;
  readonly #geometry: 'same' | number;

  constructor(inputs: number, outputs: number, kernel: [number, number], geometry: 'same' | number = 1) {
    super();
    this.conv = new ConvolutionWeight([outputs, inputs, ...kernel]);
    this.bn = new FrozenBatchNorm2d(outputs, EPSILON);
    this.#geometry = geometry;
  }

  forward(x: Tensor4D): Tensor4D {
    const [stride, pad] = this.#geometry === 'same' ? ([1, 'same'] as const) : ([this.#geometry, 'valid'] as const);
    return tf.relu(this.bn.forward(tf.conv2d(x, this.conv.weight.value, stride, pad)));
  }
}

class ConvolutionWeight extends Module {
  readonly weight: Parameter<Tensor4D>;

  constructor(shape: readonly number[]) {
    super();
    this.weight = new Parameter(shape, kaimingUniform(), 'conv');
  }
}

/** Mean over 3x3 neighbours; those outside do not count (pytorch-fid's patch: `count_include_pad=False`). */
function averagePool(x: Tensor4D): Tensor4D {
  return tf.avgPool(x, 3, 1, 'same');
}

function chain(x: Tensor4D, ...convolutions: readonly Unary[]): Tensor4D {
  return convolutions.reduce((y, convolution) => convolution.forward(y), x);
}

const same = (inputs: number, outputs: number, height: number, width = height) =>
  new BasicConv2d(inputs, outputs, [height, width], 'same');

class InceptionA extends Module implements Unary {
  readonly branch1x1;
  readonly branch5x5_1;
  readonly branch5x5_2;
  readonly branch3x3dbl_1;
  readonly branch3x3dbl_2;
  readonly branch3x3dbl_3;
  readonly branch_pool;

  constructor(inputs: number, pooled: number) {
    super();
    this.branch1x1 = same(inputs, 64, 1);
    this.branch5x5_1 = same(inputs, 48, 1);
    this.branch5x5_2 = same(48, 64, 5);
    this.branch3x3dbl_1 = same(inputs, 64, 1);
    this.branch3x3dbl_2 = same(64, 96, 3);
    this.branch3x3dbl_3 = same(96, 96, 3);
    this.branch_pool = same(inputs, pooled, 1);
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.concat(
      [
        this.branch1x1.forward(x),
        chain(x, this.branch5x5_1, this.branch5x5_2),
        chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3),
        this.branch_pool.forward(averagePool(x)),
      ],
      3,
    );
  }
}

class InceptionB extends Module implements Unary {
  readonly branch3x3;
  readonly branch3x3dbl_1;
  readonly branch3x3dbl_2;
  readonly branch3x3dbl_3;

  constructor(inputs: number) {
    super();
    this.branch3x3 = new BasicConv2d(inputs, 384, [3, 3], 2);
    this.branch3x3dbl_1 = same(inputs, 64, 1);
    this.branch3x3dbl_2 = same(64, 96, 3);
    this.branch3x3dbl_3 = new BasicConv2d(96, 96, [3, 3], 2);
  }

  forward(x: Tensor4D): Tensor4D {
    const doubled = chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3);
    return tf.concat([this.branch3x3.forward(x), doubled, maxPool2d(x, POOL)], 3);
  }
}

class InceptionC extends Module implements Unary {
  readonly branch1x1;
  readonly branch7x7_1;
  readonly branch7x7_2;
  readonly branch7x7_3;
  readonly branch7x7dbl_1;
  readonly branch7x7dbl_2;
  readonly branch7x7dbl_3;
  readonly branch7x7dbl_4;
  readonly branch7x7dbl_5;
  readonly branch_pool;

  constructor(inputs: number, width: number) {
    super();
    this.branch1x1 = same(inputs, 192, 1);
    this.branch7x7_1 = same(inputs, width, 1);
    this.branch7x7_2 = same(width, width, 1, 7);
    this.branch7x7_3 = same(width, 192, 7, 1);
    this.branch7x7dbl_1 = same(inputs, width, 1);
    this.branch7x7dbl_2 = same(width, width, 7, 1);
    this.branch7x7dbl_3 = same(width, width, 1, 7);
    this.branch7x7dbl_4 = same(width, width, 7, 1);
    this.branch7x7dbl_5 = same(width, 192, 1, 7);
    this.branch_pool = same(inputs, 192, 1);
  }

  forward(x: Tensor4D): Tensor4D {
    const { branch7x7dbl_1: a, branch7x7dbl_2: b, branch7x7dbl_3: c, branch7x7dbl_4: d, branch7x7dbl_5: e } = this;
    return tf.concat(
      [
        this.branch1x1.forward(x),
        chain(x, this.branch7x7_1, this.branch7x7_2, this.branch7x7_3),
        chain(x, a, b, c, d, e),
        this.branch_pool.forward(averagePool(x)),
      ],
      3,
    );
  }
}

class InceptionD extends Module implements Unary {
  readonly branch3x3_1;
  readonly branch3x3_2;
  readonly branch7x7x3_1;
  readonly branch7x7x3_2;
  readonly branch7x7x3_3;
  readonly branch7x7x3_4;

  constructor(inputs: number) {
    super();
    this.branch3x3_1 = same(inputs, 192, 1);
    this.branch3x3_2 = new BasicConv2d(192, 320, [3, 3], 2);
    this.branch7x7x3_1 = same(inputs, 192, 1);
    this.branch7x7x3_2 = same(192, 192, 1, 7);
    this.branch7x7x3_3 = same(192, 192, 7, 1);
    this.branch7x7x3_4 = new BasicConv2d(192, 192, [3, 3], 2);
  }

  forward(x: Tensor4D): Tensor4D {
    const { branch7x7x3_1: a, branch7x7x3_2: b, branch7x7x3_3: c, branch7x7x3_4: d } = this;
    return tf.concat([chain(x, this.branch3x3_1, this.branch3x3_2), chain(x, a, b, c, d), maxPool2d(x, POOL)], 3);
  }
}

/** The last blocks; the first of them pools by the mean, the second by the maximum. */
class InceptionE extends Module implements Unary {
  readonly branch1x1;
  readonly branch3x3_1;
  readonly branch3x3_2a;
  readonly branch3x3_2b;
  readonly branch3x3dbl_1;
  readonly branch3x3dbl_2;
  readonly branch3x3dbl_3a;
  readonly branch3x3dbl_3b;
  readonly branch_pool;
  readonly #pool: (x: Tensor4D) => Tensor4D;

  constructor(inputs: number, pool: (x: Tensor4D) => Tensor4D) {
    super();
    this.branch1x1 = same(inputs, 320, 1);
    this.branch3x3_1 = same(inputs, 384, 1);
    this.branch3x3_2a = same(384, 384, 1, 3);
    this.branch3x3_2b = same(384, 384, 3, 1);
    this.branch3x3dbl_1 = same(inputs, 448, 1);
    this.branch3x3dbl_2 = same(448, 384, 3);
    this.branch3x3dbl_3a = same(384, 384, 1, 3);
    this.branch3x3dbl_3b = same(384, 384, 3, 1);
    this.branch_pool = same(inputs, 192, 1);
    this.#pool = pool;
  }

  forward(x: Tensor4D): Tensor4D {
    const single = this.branch3x3_1.forward(x);
    const doubled = chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2);
    return tf.concat(
      [
        this.branch1x1.forward(x),
        this.branch3x3_2a.forward(single),
        this.branch3x3_2b.forward(single),
        this.branch3x3dbl_3a.forward(doubled),
        this.branch3x3dbl_3b.forward(doubled),
        this.branch_pool.forward(this.#pool(x)),
      ],
      3,
    );
  }
}
