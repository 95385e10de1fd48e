import { weightsFileOption } from '@dualprior/core/nn';
import { Type } from '@sinclair/typebox';

/** Options of an extractor whose official weights come from a file; `file` is the official file. */
export function weightsOptions(file: string) {
  return Type.Object({
    weights: weightsFileOption({
      description: `official weights, .pth or .safetensors with the official names (${file}), or the name of published ones`,
    }),
  });
}
