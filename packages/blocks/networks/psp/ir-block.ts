import { BatchNorm2d, Conv2d, Module, PRelu } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { SqueezeExcitation } from './squeeze-excitation.ts';

/** `ir_se`: with squeeze and excitation at the end of each block. */
type IrMode = 'ir' | 'ir_se';

interface Layer {
  forward(x: Tensor4D): Tensor4D;
}

type Norm = Module & Layer;

/** A residual block of ArcFace's networks (Deng et al. 2019; pixel2style2pixel:models/encoders/helpers.py, bottleneck_IR and bottleneck_IR_SE). */
export class IrBlock extends Module {
  readonly shortcut_layer: [Conv2d, Norm] | undefined;
  readonly res_layer: [Norm, Conv2d, PRelu, Conv2d, Norm, ...SqueezeExcitation[]];
  readonly #stride: number;

  /** @param Norm another class for the batch norms: one that stays as it is in training */
  constructor(
    inputs: number,
    outputs: number,
    stride: number,
    mode: IrMode,
    Norm: new (channels: number) => Norm = BatchNorm2d,
  ) {
    super();
    const isSame = inputs === outputs;
    this.shortcut_layer = isSame
      ? undefined
      : [new Conv2d(inputs, outputs, { kernel: 1, stride, bias: false }), new Norm(outputs)];
    this.res_layer = [
      new Norm(inputs),
      new Conv2d(inputs, outputs, { kernel: 3, padding: 1, bias: false }),
      new PRelu(outputs),
      new Conv2d(outputs, outputs, { kernel: 3, stride, padding: 1, bias: false }),
      new Norm(outputs),
      ...(mode === 'ir_se' ? [new SqueezeExcitation(outputs)] : []),
    ];
    this.#stride = stride;
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(through(this.res_layer, x), this.#shortcut(x));
  }

  /** Where the channels stay, every stride-th pixel (officially a maximum over one pixel). */
  #shortcut(x: Tensor4D): Tensor4D {
    if (this.shortcut_layer) return through(this.shortcut_layer, x);
    return this.#stride === 1 ? x : tf.avgPool(x, 1, this.#stride, 'valid');
  }
}

/** `torch.nn.Sequential`. */
export function through(layers: readonly Layer[], x: Tensor4D): Tensor4D {
  return layers.reduce((y, layer) => layer.forward(y), x);
}
