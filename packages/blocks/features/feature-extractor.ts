import { Kind, UserError } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A layer that LPIPS compares, with its channels. */
export interface PerceptualLayer {
  readonly name: string;
  readonly channels: number;
}

/** How an extractor compares sets of images: by the means over the plane of some layers of rectified features, of images of one size. */
export interface SetLayers {
  /** The deepest first: the one that the metric is named after. */
  readonly layers: readonly PerceptualLayer[];
  /** Side to which images are resized first; absent where the network does so itself. */
  readonly side?: number;
  /** Which network, for display. */
  readonly network: string;
  /** How images are resized, for display. */
  readonly resizing: string;
}

/** How an extractor tells people apart: by a vector. */
export interface FaceVectors {
  /** The layer that is the vector, (N, 1, 1, D): those of two images point the same way where they show the same person. */
  readonly layer: string;
  /** Which network, for names of columns. */
  readonly network: string;
}

/**
 * A frozen network whose features losses and metrics compare. Its numbers are loaded by `prepare`, once in a process for
 * each file, and freed when everyone who prepared it has disposed of it.
 */
export interface FeatureExtractor {
  /** Its type in the catalogue. */
  readonly type: string;
  /** Equal for equal features: its type and the content of its weights. Errors: `UserError` if the file cannot be read. */
  readonly identity: string;
  /** Whether it stands in for an official extractor: everything made with it must be named a substitute. */
  readonly substitute: boolean;
  /** Whether losses may use it; otherwise it serves metrics alone. */
  readonly differentiable: boolean;
  /** The layers that LPIPS compares, shallow to deep; none where it is not defined on this extractor. */
  readonly perceptualLayers: readonly PerceptualLayer[];
  /** By what it compares sets of images; undefined where it is not made for that. */
  readonly sets: SetLayers | undefined;
  /** How it tells people apart; absent where it is not made for that. */
  readonly faces?: FaceVectors | undefined;
  /** The layer that the contextual loss compares by default, if there is one. */
  readonly contextualLayer: string | undefined;
  /** Names of all layers, shallow to deep. */
  readonly layers: readonly string[];
  /** Smallest side of an image that has features at all of these layers. Errors: `UserError` for a layer that there is not. */
  minimumSide(layers: readonly string[]): number;
  /** Loads the weights. Errors: `UserError` for a file that is damaged or holds another architecture. */
  prepare(): Promise<void>;
  /**
   * Features (NHWC) of the layers, in their order, of an image batch (NHWC, RGB in [0, 1]); between `prepare` and
   * `dispose`. Errors: `UserError` for a layer that there is not, or an image too small for it.
   */
  taps(image: Tensor4D, layers: readonly string[]): Tensor4D[];
  /** Ends what `prepare` began. */
  dispose(): void;
}

/** What the options of an extractor say (`Declaration.about`). */
export interface FeatureFacts {
  /** As `FeatureExtractor.substitute`. */
  readonly substitute: boolean;
}

export const features = new Kind<FeatureExtractor, FeatureFacts>('features', { called: 'feature extractor' });

/** Errors: losses cannot use this extractor. */
export function checkDifferentiable({ type, differentiable }: FeatureExtractor): void {
  if (differentiable) return;
  throw new UserError(`"${type}" is for metrics: it has no gradient, so a loss cannot use it.`);
}
