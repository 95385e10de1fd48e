import { constant, Linear, Module, Parameter } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { GRID, PATCH, SCALES, type Patches } from './patches.ts';

interface MusiqShape {
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly layers: number;
  /** The form of the scores that it is trained on: one number, or the shares of this many. */
  readonly classes: number;
}

/** The shape of the published checkpoints, without the classes. */
export const OFFICIAL: Omit<MusiqShape, 'classes'> = { width: 384, hidden: 1152, heads: 6, layers: 14 };

/** Channels of the first layer, and of the block after it. */
const [ROOT, BLOCK] = [64, 256];
const GROUPS = 32;

/**
 * MUSIQ, the multi-scale image quality transformer (Ke et al. 2021): each patch becomes a token by a small ResNet; a transformer sees the tokens of
 * all scales with their places. Names are those of pyiqa's port (pyiqa/archs/musiq_arch.py).
 */
export class Musiq extends Module {
  readonly conv_root = new StdConv(3, ROOT, 7, 2);
  readonly gn_root = new GroupNorm(ROOT, 1e-6);
  readonly block1 = new Bottleneck(ROOT, BLOCK);
  readonly embedding: Linear;
  readonly transformer_encoder: Encoder;
  /** With several classes a layer in a list, as PyTorch's `Sequential` names it. */
  readonly head: Linear | readonly [Linear];

  constructor(shape: MusiqShape) {
    super();
    const { width, classes } = shape;
    this.embedding = new Linear(BLOCK * (PATCH / 4) ** 2, width);
    this.transformer_encoder = new Encoder(shape);
    this.head = classes > 1 ? [new Linear(width, classes)] : new Linear(width, 1);
  }

  /** The score of an image, one number. */
  score({ count, values, cells, scales }: Patches): Tensor1D {
    const patches = tf.tensor4d(values, [count, PATCH, PATCH, 3]);
    const root = tf.relu(this.gn_root.forward(this.conv_root.forward(patches)));
    const pooled = tf.maxPool(root, 3, 2, 'same');
    const features: Tensor2D = tf.reshape(this.block1.forward(pooled), [count, -1]);
    const seen = this.transformer_encoder.forward(this.embedding.forward(features), cells, scales);
    if (this.head instanceof Linear) return tf.reshape(this.head.forward(seen), [1]);
    const shares = tf.softmax(this.head[0].forward(seen));
    return tf.sum(tf.mul(shares, tf.range(1, shares.shape[1] + 1)), 1); // the mean score
  }
}

/** A convolution whose filters are standardised (Qiao et al. 2019), of images with as many zeros around as TensorFlow's `same`. */
class StdConv extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly #stride: number;

  constructor(inputs: number, outputs: number, kernel: number, stride = 1) {
    super();
    this.weight = new Parameter([outputs, inputs, kernel, kernel], constant(0), 'conv');
    this.#stride = stride;
  }

  forward(x: Tensor4D): Tensor4D {
    const weight = this.weight.value;
    const size = weight.size / weight.shape[3];
    const centred = tf.sub(weight, tf.mean(weight, [0, 1, 2], true));
    const variance = tf.div(tf.sum(tf.square(centred), [0, 1, 2], true), size - 1);
    return tf.conv2d(x, tf.div<Tensor4D>(centred, tf.add(tf.sqrt(variance), 1e-5)), this.#stride, 'same');
  }
}

/** `torch.nn.GroupNorm` of 32 groups. */
class GroupNorm extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;
  readonly #epsilon: number;

  constructor(channels: number, epsilon = 1e-4) {
    super();
    this.weight = new Parameter([channels], constant(1), 'channels');
    this.bias = new Parameter([channels], constant(0), 'channels');
    this.#epsilon = epsilon;
  }

  forward(x: Tensor4D): Tensor4D {
    const [count, height, width, channels] = x.shape;
    const groups = tf.reshape(x, [count, height * width, GROUPS, channels / GROUPS]);
    const { mean, variance } = tf.moments(groups, [1, 3], true);
    const normalised = tf.mul(tf.sub(groups, mean), tf.rsqrt(tf.add(variance, this.#epsilon)));
    return tf.add(tf.mul(tf.reshape(normalised, x.shape), this.weight.value), this.bias.value);
  }
}

class Bottleneck extends Module {
  readonly conv1: StdConv;
  readonly gn1: GroupNorm;
  readonly conv2: StdConv;
  readonly gn2: GroupNorm;
  readonly conv3: StdConv;
  readonly gn3: GroupNorm;
  readonly conv_proj: StdConv;
  readonly gn_proj: GroupNorm;

  constructor(inputs: number, outputs: number) {
    super();
    this.conv1 = new StdConv(inputs, inputs, 1);
    this.gn1 = new GroupNorm(inputs);
    this.conv2 = new StdConv(inputs, inputs, 3);
    this.gn2 = new GroupNorm(inputs);
    this.conv3 = new StdConv(inputs, outputs, 1);
    this.gn3 = new GroupNorm(outputs);
    this.conv_proj = new StdConv(inputs, outputs, 1);
    this.gn_proj = new GroupNorm(outputs);
  }

  forward(x: Tensor4D): Tensor4D {
    const first = tf.relu(this.gn1.forward(this.conv1.forward(x)));
    const second = tf.relu(this.gn2.forward(this.conv2.forward(first)));
    const third = this.gn3.forward(this.conv3.forward(second));
    return tf.relu(tf.add<Tensor4D>(third, this.gn_proj.forward(this.conv_proj.forward(x))));
  }
}

class Encoder extends Module {
  readonly posembed_input: Embeddings<'position_emb'>;
  readonly scaleembed_input: Embeddings<'scale_emb'>;
  readonly cls: Parameter<Tensor3D>;
  readonly encoder_norm: LayerNorm;
  readonly transformer: Blocks;

  constructor(shape: MusiqShape) {
    super();
    const { width } = shape;
    this.posembed_input = new Embeddings('position_emb', [1, GRID ** 2, width]);
    this.scaleembed_input = new Embeddings('scale_emb', [SCALES, width]);
    this.cls = new Parameter([1, 1, width], constant(0), 'same');
    this.encoder_norm = new LayerNorm(width);
    this.transformer = new Blocks(shape);
  }

  /** What the first token, which is no patch, has seen of the others (count, width): (1, width). */
  forward(tokens: Tensor2D, cells: Int32Array, scales: Int32Array): Tensor2D {
    const placed = tf.add(tokens, this.posembed_input.of(cells));
    const known = tf.add<Tensor2D>(placed, this.scaleembed_input.of(scales));
    const first: Tensor2D = tf.reshape(this.cls.value, [1, tokens.shape[1]]);
    const all = tf.concat([first, known]);
    const seen = this.transformer.forward(all);
    return this.encoder_norm.forward(tf.slice(seen, [0, 0], [1, tokens.shape[1]]));
  }
}

/** A vector for each number. */
class Embeddings<Name extends string> extends Module {
  readonly #table: Parameter;

  constructor(name: Name, shape: readonly number[]) {
    super();
    this.#table = new Parameter(shape, constant(0), 'same');
    Object.assign(this, { [name]: this.#table });
  }

  of(numbers: Int32Array): Tensor2D {
    const { value } = this.#table;
    const vectors: Tensor2D = tf.reshape(value, [-1, value.shape.at(-1)!]);
    return tf.gather(vectors, tf.tensor1d(numbers, 'int32'));
  }
}

class Blocks extends Module {
  readonly #blocks: readonly Block[];

  constructor(shape: MusiqShape) {
    super();
    this.#blocks = Array.from({ length: shape.layers }, () => new Block(shape));
    Object.assign(this, Object.fromEntries(this.#blocks.map((block, i) => [`encoderblock_${i}`, block])));
  }

  forward(tokens: Tensor2D): Tensor2D {
    return this.#blocks.reduce((x, block) => block.forward(x), tokens);
  }
}

class Block extends Module {
  readonly norm1: LayerNorm;
  readonly attention: Attention;
  readonly norm2: LayerNorm;
  readonly mlp: Mlp;

  constructor({ width, hidden, heads }: MusiqShape) {
    super();
    this.norm1 = new LayerNorm(width);
    this.attention = new Attention(width, heads);
    this.norm2 = new LayerNorm(width);
    this.mlp = new Mlp(width, hidden);
  }

  forward(x: Tensor2D): Tensor2D {
    const attended = tf.add<Tensor2D>(x, this.attention.forward(this.norm1.forward(x)));
    return tf.add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}

/** `torch.nn.LayerNorm` of tokens (count, width). */
class LayerNorm extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;

  constructor(width: number) {
    super();
    this.weight = new Parameter([width], constant(1), 'channels');
    this.bias = new Parameter([width], constant(0), 'channels');
  }

  forward(x: Tensor2D): Tensor2D {
    const { mean, variance } = tf.moments(x, 1, true);
    const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-6)));
    return tf.add(tf.mul(normalised, this.weight.value), this.bias.value);
  }
}

/** softmax(Q K^T / sqrt(d)) V with several heads (Vaswani et al. 2017). */
class Attention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly out: Linear;
  readonly #heads: number;

  constructor(width: number, heads: number) {
    super();
    this.#heads = heads;
    this.query = new Linear(width, width);
    this.key = new Linear(width, width);
    this.value = new Linear(width, width);
    this.out = new Linear(width, width);
  }

  forward(x: Tensor2D): Tensor2D {
    const [count, width] = x.shape;
    const heads = (all: Tensor2D): Tensor3D =>
      tf.transpose(tf.reshape(all, [count, this.#heads, width / this.#heads]), [1, 0, 2]);
    const [query, key, value] = [this.query, this.key, this.value].map((layer) => heads(layer.forward(x)));
    const scores = tf.div<Tensor3D>(tf.matMul(query!, key!, false, true), Math.sqrt(width / this.#heads));
    const seen = tf.matMul(tf.softmax(scores), value!);
    return this.out.forward(tf.reshape(tf.transpose(seen, [1, 0, 2]), [count, width]));
  }
}

class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(width: number, hidden: number) {
    super();
    this.fc1 = new Linear(width, hidden);
    this.fc2 = new Linear(hidden, width);
  }

  forward(x: Tensor2D): Tensor2D {
    return this.fc2.forward(gelu(this.fc1.forward(x)));
  }
}

/** x times the normal distribution function of x (Hendrycks and Gimpel 2016). */
function gelu(x: Tensor2D): Tensor2D {
  return tf.mul(x, tf.add(0.5, tf.mul(0.5, tf.erf(tf.mul(x, Math.SQRT1_2)))));
}
