import { Conv2d, Linear, maxPool2d, Module, PRelu, resizeBilinear, absolute } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { FrozenBatchNorm2d } from '../trunks/frozen-batch-norm.ts';
import { FaceNetwork, flattened, type FaceNetworkShape } from './face-network.ts';
import { FrozenBatchNorm1d } from './frozen-batch-norm1d.ts';

/** The weights of red, green and blue. */
const GREY = [0.2989, 0.587, 0.114];

/** arcface_resnet18.pth, as GFPGAN:options/train_gfpgan_v1.yml has it (`layers: [2, 2, 2, 2]`, `use_se: False`). */
const OFFICIAL: FaceNetworkShape = { side: 128, width: 64, blocks: [2, 2, 2, 2], embedding: 512 };

/** ArcFace's ResNet-18 on grey images, which GFP-GAN compares faces with (GFPGAN:gfpgan/archs/arcface_arch.py, ResNetArcFace). */
export class ResNetArcFace extends FaceNetwork {
  readonly minimumSide = 1;
  readonly conv1: Conv2d;
  readonly bn1: FrozenBatchNorm2d;
  readonly prelu = new PRelu(1);
  readonly layer1: readonly IrBlock[];
  readonly layer2: readonly IrBlock[];
  readonly layer3: readonly IrBlock[];
  readonly layer4: readonly IrBlock[];
  readonly bn4: FrozenBatchNorm2d;
  readonly fc5: Linear;
  readonly bn5: FrozenBatchNorm1d;
  readonly #side: number;

  constructor({ side, width, blocks, embedding }: FaceNetworkShape = OFFICIAL) {
    super();
    const last = 8 * width;
    this.#side = side;
    this.conv1 = new Conv2d(1, width, { kernel: 3, padding: 1, bias: false });
    this.bn1 = new FrozenBatchNorm2d(width);
    this.layer1 = irBlocks(width, 0, blocks[0]);
    this.layer2 = irBlocks(width, 1, blocks[1]);
    this.layer3 = irBlocks(width, 2, blocks[2]);
    this.layer4 = irBlocks(width, 3, blocks[3]);
    this.bn4 = new FrozenBatchNorm2d(last);
    this.fc5 = new Linear(last * (side / 16) ** 2, embedding);
    this.bn5 = new FrozenBatchNorm1d(embedding);
  }

  /** Grey images in [-1, 1], bilinearly resized (gfpgan_model.py, gray_resize_for_identity). */
  input(image: Tensor4D): Tensor4D {
    const grey = tf.sum<Tensor4D>(tf.mul(tf.sub(tf.mul(image, 2), 1), GREY), 3, true);
    return resizeBilinear(grey, this.#side, this.#side);
  }

  embed(input: Tensor4D): Tensor2D {
    const stem = this.prelu.forward(this.bn1.forward(this.conv1.forward(input)));
    const blocks = [this.layer1, this.layer2, this.layer3, this.layer4].flat();
    const features = blocks.reduce((x, block) => block.forward(x), maxPool2d(stem, { kernel: 2, stride: 2 }));
    return this.bn5.forwardVectors(this.fc5.forward(flattened(this.bn4.forward(features))));
  }

  /** The mean absolute difference of the vectors as they are. */
  distance(a: Tensor2D, b: Tensor2D): Scalar {
    return tf.mean(absolute(tf.sub(a, b)));
  }
}

function irBlocks(width: number, index: number, count: number): IrBlock[] {
  const outputs = width * 2 ** index;
  const inputs = index === 0 ? width : outputs / 2;
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? new IrBlock(inputs, outputs, index === 0 ? 1 : 2) : new IrBlock(outputs, outputs, 1),
  );
}

/** The improved residual block of ArcFace; one slope for both of its activations. */
class IrBlock extends Module {
  readonly bn0: FrozenBatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn1: FrozenBatchNorm2d;
  readonly prelu = new PRelu(1);
  readonly conv2: Conv2d;
  readonly bn2: FrozenBatchNorm2d;
  readonly downsample: readonly [Conv2d, FrozenBatchNorm2d] | undefined;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.bn0 = new FrozenBatchNorm2d(inputs);
    this.conv1 = new Conv2d(inputs, inputs, { kernel: 3, padding: 1, bias: false });
    this.bn1 = new FrozenBatchNorm2d(inputs);
    this.conv2 = new Conv2d(inputs, outputs, { kernel: 3, stride, padding: 1, bias: false });
    this.bn2 = new FrozenBatchNorm2d(outputs);
    if (stride === 1 && inputs === outputs) return;
    const shrink = new Conv2d(inputs, outputs, { kernel: 1, stride, bias: false });
    this.downsample = [shrink, new FrozenBatchNorm2d(outputs)];
  }

  forward(x: Tensor4D): Tensor4D {
    const inner = this.prelu.forward(this.bn1.forward(this.conv1.forward(this.bn0.forward(x))));
    const residual = this.bn2.forward(this.conv2.forward(inner));
    const shortcut = this.downsample ? this.downsample[1].forward(this.downsample[0].forward(x)) : x;
    return this.prelu.forward(tf.add(residual, shortcut));
  }
}
