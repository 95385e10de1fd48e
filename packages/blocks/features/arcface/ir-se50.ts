import { Conv2d, Linear, PRelu } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { IrBlock, through } from '../../networks/psp/ir-block.ts';
import { FrozenBatchNorm2d } from '../trunks/frozen-batch-norm.ts';
import { alignedFace, LEAST_SIDE } from './aligned-face.ts';
import { FaceNetwork, flattened, type FaceNetworkShape } from './face-network.ts';
import { FrozenBatchNorm1d } from './frozen-batch-norm1d.ts';

/** model_ir_se50.pth. */
const OFFICIAL: FaceNetworkShape = { side: 112, width: 64, blocks: [3, 4, 14, 3], embedding: 512 };

/**
 * ArcFace's IR-SE50 on colour images, which GPEN compares faces with (GPEN:training/loss/model_irse.py and helpers.py, after
 * InsightFace_Pytorch).
 */
export class IrSe50 extends FaceNetwork {
  readonly minimumSide = LEAST_SIDE;
  readonly input_layer: readonly [Conv2d, FrozenBatchNorm2d, PRelu];
  readonly body: readonly IrBlock[];
  /** The second and third of PyTorch's are the dropout and the flattening. */
  readonly output_layer: readonly [FrozenBatchNorm2d, undefined, undefined, Linear, FrozenBatchNorm1d];
  readonly #side: number;

  constructor({ side, width, blocks, embedding }: FaceNetworkShape = OFFICIAL) {
    super();
    const last = width * 2 ** (blocks.length - 1);
    this.#side = side;
    this.input_layer = [
      new Conv2d(3, width, { kernel: 3, padding: 1, bias: false }),
      new FrozenBatchNorm2d(width),
      new PRelu(width),
    ];
    this.body = blocks.flatMap((count, layer) => {
      const outputs = width * 2 ** layer;
      const inputs = layer === 0 ? width : outputs / 2;
      return Array.from({ length: count }, (_, i) =>
        i === 0
          ? new IrBlock(inputs, outputs, 2, 'ir_se', FrozenBatchNorm2d)
          : new IrBlock(outputs, outputs, 1, 'ir_se', FrozenBatchNorm2d),
      );
    });
    this.output_layer = [
      new FrozenBatchNorm2d(last),
      undefined,
      undefined,
      new Linear(last * (side / 2 ** blocks.length) ** 2, embedding),
      new FrozenBatchNorm1d(embedding),
    ];
  }

  /** The face in images of [-1, 1], pooled to the input's side. Errors: `UserError` for an image that is no square. */
  input(image: Tensor4D): Tensor4D {
    return alignedFace(image, this.#side, 'IR-SE50');
  }

  /** Vectors of length 1. */
  embed(input: Tensor4D): Tensor2D {
    const features = through([...this.input_layer, ...this.body], input);
    const [before, , , linear, after] = this.output_layer;
    const vectors = after.forwardVectors(linear.forward(flattened(before.forward(features))));
    return tf.mul(vectors, tf.rsqrt(tf.sum(tf.square(vectors), 1, true)));
  }

  /** 1 - cos. */
  distance(a: Tensor2D, b: Tensor2D): Scalar {
    return tf.sub(1, tf.mean(tf.sum(tf.mul(a, b), 1)));
  }
}
