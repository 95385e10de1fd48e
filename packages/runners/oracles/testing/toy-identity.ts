import {
  identityDistance,
  losses,
  weight,
  WeightedLoss,
  type FaceNetwork,
  IrSe50,
  ResNetArcFace,
} from '@dualprior/blocks';
import { Parameters, Random } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { toyState } from './toy-values.ts';

/** The official architectures with few and narrow layers, as in `pytorch/networks/arcface.py`. */
const ARCHITECTURES = {
  resnet18: () => new ResNetArcFace({ side: 32, width: 4, blocks: [1, 1, 1, 1], embedding: 8 }),
  'ir-se50': () => new IrSe50({ side: 16, width: 16, blocks: [1, 1, 1, 1], embedding: 8 }),
};

const Options = Type.Object({
  architecture: Type.Union([Type.Literal('resnet18'), Type.Literal('ir-se50')]),
  weight,
});

/** The loss `identity` with a network of a size for tests. */
@losses.component({
  type: 'oracle-identity',
  description: 'a toy for tests',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class ToyIdentity extends WeightedLoss {
  #parameters: Parameters | undefined;

  constructor(private readonly options: Static<typeof Options>) {
    super(options);
  }

  async prepare(): Promise<void> {
    if (this.#parameters) return;
    const { architecture } = this.options;
    this.#parameters = new Parameters(ARCHITECTURES[architecture](), new Random(0));
    this.#parameters.load(toyState(architecture, { type: architecture }, this.#parameters.stateDict()));
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    const parameters = this.#parameters!;
    const network = parameters.module as FaceNetwork;
    return parameters.use(() => identityDistance(network, prediction, target));
  }

  dispose(): void {
    this.#parameters?.dispose();
    this.#parameters = undefined;
  }
}
