import { Type, type TUnsafe } from '@sinclair/typebox';
import type { StringOptions, TString } from '@sinclair/typebox';
import { REFERENCE } from './kind.ts';
import { CONTENT, PATH, pathOption } from './path-option.ts';
import { PUBLISHED } from './published-weights.ts';
import { ALONE } from './schema.ts';

export const WEIGHTS_FILES = '.safetensors, .pth, .pt, .ckpt or .pkl';

/** A weights file, and which part of it, where the experiment says so. */
export interface WeightsFile {
  readonly file: string;
  /** `params_ema`, `generator.ema`: what stands in front of the names of the tensors. */
  readonly part?: string;
}

/**
 * Schema of an option that names a weights file: its path, or the name of published ones (`PublishedWeights`), for which the component is
 * given the path of their file in the cache. The content of the file is part of the identity, its name is not.
 */
export function weightsFileOption(schema: StringOptions = {}): TString {
  return pathOption({ ...schema, [CONTENT]: true, [PUBLISHED]: true });
}

/**
 * Schema of an option that names the weights of a network: a file as above, `{file, part}`, or `STAGE.NAME` for a network as a stage left it. The
 * content of the file and the part, where given, are part of the identity, the file's name is not.
 */
export function weightsOption(schema: { description?: string } = {}): TUnsafe<string | WeightsFile> {
  const name = Type.Unsafe<string>({ [REFERENCE]: 'networks', [PATH]: true, [CONTENT]: true, [PUBLISHED]: true });
  const file = Type.Object(
    {
      file: weightsFileOption({ description: 'a weights file, or the name of published weights' }),
      part: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'part of the file: the prefix of its tensor names (params_ema); default: the best one that fits',
        }),
      ),
    },
    { [ALONE]: 'file' },
  );
  return Type.Unsafe<string | WeightsFile>({ ...schema, anyOf: [name, file] });
}

/** Whether the text of such an option names a file: by its ending, or because it has a folder. */
export function isWeightsFile(text: string): boolean {
  return /[/\\]|\.(safetensors|pth|pt|ckpt|pkl)$/i.test(text);
}

/** The file that a checked value of such an option names; undefined where it names another network, or is absent. */
export function weightsFileOf(weights: unknown): WeightsFile | undefined {
  if (typeof weights === 'string') return isWeightsFile(weights) ? { file: weights } : undefined;
  return weights as WeightsFile | undefined;
}
