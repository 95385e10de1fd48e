import {
  FACIAL_PARTS,
  facialComponentLoss,
  facialComponentTerms,
  facialRegions,
  FacialLandmarks,
  isComponentDiscriminator,
  optimizers,
  perFacialPart,
  SMALLEST_FACE,
  type ComponentDiscriminator,
  type Dataset,
  type PerFacialPart,
  type Shown,
} from '@dualprior/blocks';
import { CONTENT, pathOption, reference, UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { Learner } from '../training/training-plan.ts';
import type { Phase } from '../training/training-plan.ts';

type Judges = PerFacialPart<TrainedNetwork<ComponentDiscriminator>>;

const judge = (part: string) =>
  reference<TrainedNetwork>('networks', { description: `a \`facial-component-discriminator\` of ${part}` });

/** @param optimizer the default of the discriminators' */
export const facialComponentsOption = (optimizer: object) =>
  Type.Object(
    {
      landmarks: pathOption({
        description:
          'positions of eyes and mouths in the training images: the official FFHQ_eye_mouth_landmarks_512.pth, or JSON: {NAME: {left_eye: [x, y, halfSide], right_eye: ..., mouth: ...}}',
        [CONTENT]: true,
      }),
      side: Type.Integer({
        minimum: 1,
        default: 512,
        description: 'of the images that the landmarks are for, in pixels; they are scaled to the training images',
      }),
      eyeEnlargement: Type.Number({
        minimum: 1,
        default: 1.4,
        description: 'factor by which the squares of the eyes are enlarged',
      }),
      discriminators: Type.Object(
        {
          leftEye: judge('the eye on the left of the image'),
          rightEye: judge('the eye on the right'),
          mouth: judge('the mouth'),
        },
        { additionalProperties: false },
      ),
      weight: Type.Number({ minimum: 0, default: 1, description: 'of the adversarial loss of each part' }),
      style: Type.Number({ minimum: 0, default: 200, description: 'of the differences of Gram matrices of each part' }),
      optimizer: optimizers.option({ default: optimizer, description: 'of each of the discriminators' }),
    },
    { additionalProperties: false },
  );

/** Restored and sharp faces, and where their parts are (`FacialComponents.boxes`). */
type Faces = { readonly restored: Tensor4D; readonly sharp: Tensor4D; readonly boxes: Tensor3D };

type FacialComponentsOptions = Static<ReturnType<typeof facialComponentsOption>>;

/** GFP-GAN's discriminators of eyes and mouth: their inputs, losses and updates. */
export class FacialComponents {
  readonly judges: Judges;
  readonly #landmarks: FacialLandmarks;

  /** Errors: a network that judges no parts, one for two parts, faces that are too small, landmarks that cannot be read. */
  constructor(
    readonly options: FacialComponentsOptions,
    readonly size: number,
  ) {
    const { leftEye, rightEye, mouth } = options.discriminators;
    this.judges = { left_eye: asJudge(leftEye), right_eye: asJudge(rightEye), mouth: asJudge(mouth) };
    const names = FACIAL_PARTS.map((part) => this.judges[part].reference);
    if (new Set(names).size < names.length) {
      throw new UserError(`Each part of the face needs a discriminator of its own, but these are ${names.join(', ')}.`);
    }
    if (size < SMALLEST_FACE) {
      throw new UserError(
        `Parts of faces of ${size}x${size} pixels are too small for \`components\`: at least ${SMALLEST_FACE}x${SMALLEST_FACE} are needed.`,
      );
    }
    this.#landmarks = new FacialLandmarks(options.landmarks, options);
  }

  /** Errors: an image without landmarks. */
  check(data: Dataset): void {
    this.#landmarks.check(data);
  }

  /** The boxes of the faces of a batch, (N, 3, 4). */
  boxes(shown: readonly Shown[]): Tensor3D {
    return tf.tensor3d(this.#landmarks.boxes(shown, this.size), [shown.length, FACIAL_PARTS.length, 4]);
  }

  /** The discriminators as networks that learn, by part. */
  get learners(): Readonly<Record<string, Learner>> {
    const { optimizer } = this.options;
    const label = (part: string) => `the discriminator of "${part}"`;
    return perFacialPart((part) => ({ network: this.judges[part], optimizer, label: label(part) }));
  }

  /** What the restorer pays, with its factors, by the names of the curves. */
  terms(restored: Tensor4D, sharp: Tensor4D, boxes: Tensor3D): Record<string, Scalar> {
    const terms = facialComponentTerms(
      perFacialPart((part) => this.judges[part].module),
      facialRegions(restored, boxes),
      facialRegions(sharp, boxes),
    );
    return {
      loss_components: tf.mul(this.options.weight, terms.adversarial),
      loss_components_style: tf.mul(this.options.style, terms.style),
    };
  }

  /** The phase of each of the discriminators. */
  phases<Given extends Faces>(): Phase<Given>[] {
    return FACIAL_PARTS.map((part) => {
      const [ours, theirs] = [`restored_${part}`, `sharp_${part}`];
      return {
        name: `the discriminator of "${part}"`,
        trains: [part],
        curve: `loss_d_${part}`,
        given: ({ restored, sharp, boxes }) => ({
          [ours]: facialRegions(restored, boxes)[part],
          [theirs]: facialRegions(sharp, boxes)[part],
        }),
        loss: (given: NamedTensorMap) => ({
          loss: facialComponentLoss(this.judges[part].module, given[ours] as Tensor4D, given[theirs] as Tensor4D),
          seen: {},
        }),
      };
    });
  }
}

function asJudge(network: TrainedNetwork): TrainedNetwork<ComponentDiscriminator> {
  if (isComponentDiscriminator(network.module)) return network as TrainedNetwork<ComponentDiscriminator>;
  throw new UserError(
    `The network "${network.reference}" judges no parts of faces, as \`facial-component-discriminator\` does.`,
  );
}
