import { UserError, WEIGHTS_FILES, weightsFileOption, type WeightsFiles } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { FaceNetwork } from '../features/arcface/face-network.ts';
import { FACE_NETWORKS, faceArchitecture, IGNORED } from '../features/arcface/face-networks.ts';
import { SharedModule } from '../features/trunks/shared-module.ts';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  architecture: faceArchitecture,
  weights: Type.Optional(
    weightsFileOption({
      description: `official weights of the network, .pth or .safetensors with the official names (${Object.values(
        FACE_NETWORKS,
      )
        .map(({ file }) => file)
        .join('; ')}); without them a stage that can do without this loss leaves it out, and says so`,
    }),
  ),
  weight,
});

/**
 * distance of the vectors by which a face recognition network (ArcFace, Deng et al. 2019) knows the two faces, in the mean
 * over images: their mean absolute difference with `resnet18`, as GFP-GAN has it, else 1 - cosine. The network is frozen. GFPGAN:gfpgan/models/gfpgan_model.py; GPEN:training/loss/id_loss.py. Errors: no such weights
 * file, one of another architecture, or none at all where the loss is used.
 */
@losses.component({
  type: 'identity',
  description: 'whether two images show the same person, by a face recognition network (ArcFace, Deng et al. 2019)',
  options: Options,
  inject: [WEIGHTS_FILES],
  about: ({ weight, weights }) => ({ weight, absent: weights === undefined }),
})
export class IdentityLoss extends WeightedLoss {
  readonly absent: string | undefined;
  readonly minimumSide: number;
  readonly #shared: SharedModule<FaceNetwork> | undefined;

  constructor(options: Static<typeof Options>, files: WeightsFiles) {
    super(options);
    const { architecture, weights } = options;
    const { make, file } = FACE_NETWORKS[architecture];
    this.minimumSide = make().minimumSide;
    if (weights === undefined) {
      this.absent = `"identity" has no \`weights\` of "${architecture}" (${file})`;
      return;
    }
    this.#shared = new SharedModule<FaceNetwork>(`${architecture} ${files.key(weights)}`, async () => {
      const module = make();
      return { module, state: files.read(weights, module, `"${architecture}"`, IGNORED) };
    });
  }

  async prepare(): Promise<void> {
    await this.#network.prepare();
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return this.#network.use((network) => identityDistance(network, prediction, target));
  }

  dispose(): void {
    this.#shared?.dispose();
  }

  get #network(): SharedModule<FaceNetwork> {
    if (this.#shared) return this.#shared;
    throw new UserError(`${this.absent!}. Give them, or leave the loss out.`);
  }
}

/** How far apart a network sees the faces of two batches of images (NHWC, [0, 1]). Inside `Parameters.use`. */
export function identityDistance(network: FaceNetwork, prediction: Tensor4D, target: Tensor4D): Scalar {
  const [ours, theirs] = [prediction, target].map((image) => network.embed(network.input(image)));
  return network.distance(ours!, theirs!);
}
