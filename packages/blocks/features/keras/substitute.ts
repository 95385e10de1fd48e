import { storedWeights } from '../trunks/stored-weights.ts';
import { SharedTrunk, type Purpose } from '../trunks/shared-trunk.ts';
import { describePackagedModel, packagedWeights, type PackagedModel } from './packaged-model.ts';
import { kerasTrunk } from './trunk.ts';

/**
 * A classifier of the npm package nsfwjs (MIT) in place of an official extractor: trained to filter content, not on ImageNet,
 * with weights of 8 bits. It takes images as they are, at their own resolution.
 */
export abstract class Substitute extends SharedTrunk {
  readonly substitute = true;
  readonly identity: string;

  constructor(type: string, model: PackagedModel, purpose: Purpose) {
    const description = describePackagedModel(model);
    super(kerasTrunk(type, description), purpose, type, async () => {
      const module = kerasTrunk(type, description);
      const weights = description.weightsManifest.flatMap((group) => group.weights);
      return { module, state: storedWeights(weights, packagedWeights(model), module) };
    });
    this.identity = type;
  }
}
