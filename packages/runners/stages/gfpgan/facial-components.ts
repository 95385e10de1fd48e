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
import { Players } from '../adversarial/players.ts';
import type { Vector } from '../adversarial/restorer-training.ts';
import type { Look } from '../first-not-finite.ts';

type Judges = PerFacialPart<TrainedNetwork<ComponentDiscriminator>>;

const judge = (part: string) =>
  reference<TrainedNetwork>('networks', { description: `a \`facial-component-discriminator\` of ${part}` });

/** @param optimizer the default of the discriminators' */
export const facialComponentsOption = (optimizer: object) =>
  Type.Object(
    {
      landmarks: pathOption({
        description:
          'where eyes and mouths are in the training images: the official FFHQ_eye_mouth_landmarks_512.pth, or JSON: {NAME: {left_eye: [x, y, halfSide], right_eye: ..., mouth: ...}}',
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
        description: "by how much the eyes' squares are made larger",
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

export type FacialComponentsOptions = Static<ReturnType<typeof facialComponentsOption>>;

/** GFP-GAN's discriminators of eyes and mouth: whom they are told about, and what they cost and learn. */
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

  /** Of the faces of a batch, (N, 3, 4). */
  boxes(shown: readonly Shown[]): Tensor3D {
    return tf.tensor3d(this.#landmarks.boxes(shown, this.size), [shown.length, FACIAL_PARTS.length, 4]);
  }

  /** Where a number may be not finite in these discriminators. */
  looks(restored: () => Tensor4D, sharp: Tensor4D, boxes: Tensor3D): Look[] {
    return FACIAL_PARTS.map((part): Look => {
      const { module, parameters } = this.judges[part];
      const region = (faces: Tensor4D) => facialRegions(faces, boxes)[part];
      const loss = () => facialComponentLoss(module, region(restored()), region(sharp));
      return [`the discriminator of "${part}"`, parameters, loss];
    });
  }
}

/** A training of these discriminators. */
export class FacialComponentsTraining {
  readonly #players: Players<keyof Judges>;

  constructor(private readonly components: FacialComponents) {
    const { optimizer } = components.options;
    this.#players = new Players(
      components.judges,
      perFacialPart(() => optimizer),
    );
  }

  get variables(): [name: string, Vector][] {
    return this.#players.variables;
  }

  /** What the restorer pays, with its weights, by the names of the curves. */
  terms(restored: Tensor4D, sharp: Tensor4D, boxes: Tensor3D): Record<string, Scalar> {
    const { judges, options } = this.components;
    const terms = using(judges, () =>
      facialComponentTerms(
        perFacialPart((part) => judges[part].module),
        facialRegions(restored, boxes),
        facialRegions(sharp, boxes),
      ),
    );
    return {
      loss_components: tf.mul(options.weight, terms.adversarial),
      loss_components_style: tf.mul(options.style, terms.style),
    };
  }

  /** Gives each of the discriminators a step. */
  descend(restored: Tensor4D, sharp: Tensor4D, boxes: Tensor3D, rate: Scalar): NamedTensorMap {
    const { judges } = this.components;
    const [ours, theirs] = [restored, sharp].map((faces) => facialRegions(faces, boxes));
    const losses = FACIAL_PARTS.map((part) => {
      const { loss } = this.#players.descend(part, rate, () => ({
        loss: facialComponentLoss(judges[part].module, ours![part], theirs![part]),
        seen: {},
      }));
      return [`loss_d_${part}`, loss] as const;
    });
    return Object.fromEntries(losses);
  }

  dispose(): void {
    this.#players.dispose();
  }
}

function asJudge(network: TrainedNetwork): TrainedNetwork<ComponentDiscriminator> {
  if (isComponentDiscriminator(network.module)) return network as TrainedNetwork<ComponentDiscriminator>;
  throw new UserError(
    `The network "${network.reference}" judges no parts of faces, as \`facial-component-discriminator\` does.`,
  );
}

/** While all of the discriminators have their numbers. */
function using<T>(judges: Judges, compute: () => T): T {
  return FACIAL_PARTS.reduce<() => T>((inner, part) => () => judges[part].parameters.use(inner), compute)();
}
