import { UserError } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor, PerceptualLayer } from './feature-extractor.ts';
import { SharedModule } from './shared-module.ts';
import type { Trunk } from './trunk.ts';
import { readOwnWeights, weightsKey } from './weights.ts';

/** What a trunk is good for. */
export interface Purpose {
  readonly differentiable: boolean;
  readonly perceptualLayers?: readonly PerceptualLayer[];
  readonly contextualLayer?: string;
}

/** An official extractor: a trunk with the weights of a file. */
export abstract class TrunkFeatures implements FeatureExtractor {
  readonly substitute = false;
  readonly type: string;
  readonly layers: readonly string[];
  readonly differentiable: boolean;
  readonly perceptualLayers: readonly PerceptualLayer[];
  readonly contextualLayer: string | undefined;
  readonly #architecture: Trunk;
  readonly #shared: SharedModule<Trunk>;

  /**
   * @param ignored beginnings or ends of names that the official file has besides the trunk's
   * Errors: `UserError` if there is no such file.
   */
  constructor(make: () => Trunk, file: string, ignored: RegExp, purpose: Purpose) {
    this.#architecture = make();
    this.type = this.#architecture.type;
    this.layers = this.#architecture.layers;
    this.differentiable = purpose.differentiable;
    this.perceptualLayers = purpose.perceptualLayers ?? [];
    this.contextualLayer = purpose.contextualLayer;
    this.#shared = new SharedModule(`${this.type} ${weightsKey(file)}`, async () => {
      const module = make();
      return { module, state: readOwnWeights(file, module, `"${this.type}"`, ignored) };
    });
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

/** Errors: losses cannot use this extractor. */
export function checkDifferentiable({ type, differentiable }: FeatureExtractor): void {
  if (differentiable) return;
  throw new UserError(`"${type}" is for metrics: it has no gradient, so a loss cannot use it.`);
}
