import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FaceVectors, FeatureExtractor, PerceptualLayer, SetLayers } from '../feature-extractor.ts';
import { SharedModule } from './shared-module.ts';
import type { Trunk } from './trunk.ts';

/** What a trunk is good for. */
export interface Purpose {
  readonly differentiable: boolean;
  readonly perceptualLayers?: readonly PerceptualLayer[];
  readonly contextualLayer?: string;
  readonly sets?: SetLayers;
  readonly faces?: FaceVectors;
}

/** An extractor that is a trunk whose numbers all who use it share. */
export abstract class SharedTrunk implements FeatureExtractor {
  abstract readonly substitute: boolean;
  abstract readonly identity: string;
  readonly type: string;
  readonly layers: readonly string[];
  readonly differentiable: boolean;
  readonly perceptualLayers: readonly PerceptualLayer[];
  readonly contextualLayer: string | undefined;
  readonly sets: SetLayers | undefined;
  readonly faces: FaceVectors | undefined;
  readonly #architecture: Trunk;
  readonly #shared: SharedModule<Trunk>;

  /** @param architecture a trunk without numbers, which answers for its layers */
  constructor(architecture: Trunk, purpose: Purpose, ...shared: ConstructorParameters<typeof SharedModule<Trunk>>) {
    this.#architecture = architecture;
    this.type = architecture.type;
    this.layers = architecture.layers;
    this.differentiable = purpose.differentiable;
    this.perceptualLayers = purpose.perceptualLayers ?? [];
    this.contextualLayer = purpose.contextualLayer;
    this.sets = purpose.sets;
    this.faces = purpose.faces;
    this.#shared = new SharedModule(...shared);
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
