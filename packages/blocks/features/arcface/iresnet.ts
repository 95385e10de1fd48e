import { Conv2d, Linear, Module, PRelu } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { FrozenBatchNorm2d } from '../trunks/frozen-batch-norm.ts';
import { alignedFace, LEAST_SIDE } from './aligned-face.ts';
import { FaceNetwork, flattened, similarities, type FaceNetworkShape } from './face-network.ts';
import { FrozenBatchNorm1d } from './frozen-batch-norm1d.ts';

/** Residual blocks of each layer (insightface:recognition/arcface_torch/backbones/iresnet.py). */
const BLOCKS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 14, 3],
  100: [3, 13, 30, 3],
} as const;

/** The official IResNet of a depth: `backbone.pth` of arcface_torch. */
export function iresnet(depth: keyof typeof BLOCKS): FaceNetworkShape {
  return { side: 112, width: 64, blocks: BLOCKS[depth], embedding: 512 };
}

/** ArcFace's IResNet on colour images, of InsightFace (insightface:recognition/arcface_torch/backbones/iresnet.py, in eval mode). */
export class IResNet extends FaceNetwork {
  readonly minimumSide = LEAST_SIDE;
  readonly conv1: Conv2d;
  readonly bn1: FrozenBatchNorm2d;
  readonly prelu: PRelu;
  readonly layer1: readonly Block[];
  readonly layer2: readonly Block[];
  readonly layer3: readonly Block[];
  readonly layer4: readonly Block[];
  readonly bn2: FrozenBatchNorm2d;
  readonly fc: Linear;
  readonly features: FrozenBatchNorm1d;
  readonly #side: number;

  constructor({ side, width, blocks, embedding }: FaceNetworkShape) {
    super();
    this.#side = side;
    this.conv1 = new Conv2d(3, width, { kernel: 3, padding: 1, bias: false });
    this.bn1 = new FrozenBatchNorm2d(width);
    this.prelu = new PRelu(width);
    this.layer1 = layer(width, width, blocks[0]);
    this.layer2 = layer(width, 2 * width, blocks[1]);
    this.layer3 = layer(2 * width, 4 * width, blocks[2]);
    this.layer4 = layer(4 * width, 8 * width, blocks[3]);
    this.bn2 = new FrozenBatchNorm2d(8 * width);
    this.fc = new Linear(8 * width * (side / 16) ** 2, embedding);
    this.features = new FrozenBatchNorm1d(embedding);
  }

  /** The face in images of [-1, 1], cut out as GPEN does for its IR-SE50: InsightFace aligns faces by their landmarks, with about the same result. */
  input(image: Tensor4D): Tensor4D {
    return alignedFace(image, this.#side, 'An IResNet');
  }

  embed(input: Tensor4D): Tensor2D {
    const stem = this.prelu.forward(this.bn1.forward(this.conv1.forward(input)));
    const blocks = [this.layer1, this.layer2, this.layer3, this.layer4].flat();
    const features = blocks.reduce((x, block) => block.forward(x), stem);
    return this.features.forwardVectors(this.fc.forward(flattened(this.bn2.forward(features))));
  }

  /** 1 - cos. */
  distance(a: Tensor2D, b: Tensor2D): Scalar {
    return tf.sub(1, tf.mean(similarities(a, b)));
  }
}

function layer(inputs: number, outputs: number, count: number): Block[] {
  return Array.from({ length: count }, (_, i) => new Block(i === 0 ? inputs : outputs, outputs, i === 0 ? 2 : 1));
}

/** IBasicBlock. */
class Block extends Module {
  readonly bn1: FrozenBatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: FrozenBatchNorm2d;
  readonly prelu: PRelu;
  readonly conv2: Conv2d;
  readonly bn3: FrozenBatchNorm2d;
  readonly downsample: readonly [Conv2d, FrozenBatchNorm2d] | undefined;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.bn1 = new FrozenBatchNorm2d(inputs);
    this.conv1 = new Conv2d(inputs, outputs, { kernel: 3, padding: 1, bias: false });
    this.bn2 = new FrozenBatchNorm2d(outputs);
    this.prelu = new PRelu(outputs);
    this.conv2 = new Conv2d(outputs, outputs, { kernel: 3, stride, padding: 1, bias: false });
    this.bn3 = new FrozenBatchNorm2d(outputs);
    if (stride === 1) return;
    const shrink = new Conv2d(inputs, outputs, { kernel: 1, stride, bias: false });
    this.downsample = [shrink, new FrozenBatchNorm2d(outputs)];
  }

  forward(x: Tensor4D): Tensor4D {
    const inner = this.prelu.forward(this.bn2.forward(this.conv1.forward(this.bn1.forward(x))));
    const residual = this.bn3.forward(this.conv2.forward(inner));
    const shortcut = this.downsample ? this.downsample[1].forward(this.downsample[0].forward(x)) : x;
    return tf.add(residual, shortcut);
  }
}
