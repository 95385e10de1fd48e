import { Type } from '@sinclair/typebox';
import { packagedRecognition } from './face-api/packaged-recognition.ts';
import { DESCRIPTOR, recognitionTrunk } from './face-api/recognition-trunk.ts';
import { features } from './feature-extractor.ts';
import { SharedTrunk } from './trunks/shared-trunk.ts';
import { storedWeights } from './trunks/stored-weights.ts';

const TYPE = 'face-api-substitute';

/** The face recognition network of the package @vladmandic/face-api (MIT) instead of ArcFace's, for metrics: 128 numbers. */
@features.component({
  type: TYPE,
  description:
    'stands in for ArcFace in metrics where there are no official weights: the face recognition network of the package @vladmandic/face-api',
  options: Type.Object({}),
  about: () => ({ substitute: true }),
})
export class FaceApiSubstitute extends SharedTrunk {
  readonly substitute = true;
  readonly identity = TYPE;

  constructor(_options: object) {
    const { weights, bytes } = packagedRecognition();
    const purpose = { differentiable: false, faces: { layer: DESCRIPTOR, network: 'face-api' } };
    super(recognitionTrunk(TYPE, weights), purpose, TYPE, async () => {
      const module = recognitionTrunk(TYPE, weights);
      return { module, state: storedWeights(weights, bytes(), module) };
    });
  }
}
