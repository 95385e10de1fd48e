import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor, PerceptualLayer } from '../feature-extractor.ts';
import { SharedModule } from '../shared-module.ts';
import type { Purpose } from '../trunk-features.ts';
import type { Trunk } from '../trunk.ts';
import { describePackagedModel, packagedWeights, type PackagedModel } from './packaged-model.ts';
import { kerasTrunk } from './trunk.ts';
import { kerasWeights } from './weights.ts';

/**
 * A classifier of the npm package nsfwjs (MIT) in the place of an official extractor: trained to filter content, not on ImageNet,
 * with weights of 8 bits. It takes images as they are, at their own resolution.
 */
export abstract class Substitute implements FeatureExtractor {
  readonly substitute = true;
  readonly differentiable: boolean;
  readonly perceptualLayers: readonly PerceptualLayer[];
  readonly contextualLayer: string | undefined;
  readonly #architecture: Trunk;
  readonly #shared: SharedModule<Trunk>;

  constructor(
    readonly type: string,
    model: PackagedModel,
    purpose: Purpose,
  ) {
    this.differentiable = purpose.differentiable;
    this.perceptualLayers = purpose.perceptualLayers ?? [];
    this.contextualLayer = purpose.contextualLayer;
    const description = describePackagedModel(model);
    this.#architecture = kerasTrunk(type, description);
    this.#shared = new SharedModule(type, async () => {
      const module = kerasTrunk(type, description);
      return { module, state: kerasWeights(description, packagedWeights(model), module) };
    });
  }

  get layers(): readonly string[] {
    return this.#architecture.layers;
  }

  minimumSide(layers: readonly string[]): number {
    return this.#architecture.minimumSide(layers);
  }

  prepare(): Promise<void> {
    return this.#shared.prepare();
  }

  taps(image: Tensor4D, layers: readonly string[]): Tensor4D[] {
    return this.#shared.use((trunk) => trunk.taps(image, layers));
  }

  dispose(): void {
    this.#shared.dispose();
  }
}
