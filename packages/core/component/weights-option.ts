import { Type, type TUnsafe } from '@sinclair/typebox';
import { REFERENCE } from './kind.ts';
import { CONTENT, PATH } from './path-option.ts';

export const WEIGHTS_FILES = '.safetensors, .pth, .pt or .ckpt';

/**
 * Schema of an option that names the numbers of a network: a file, or `STAGE.NAME` for a network as a stage left it. The content of the
 * file is part of the identity, its name is not.
 */
export function weightsOption(schema: { description?: string } = {}): TUnsafe<string> {
  return Type.Unsafe<string>({ ...schema, [REFERENCE]: 'networks', [PATH]: true, [CONTENT]: true });
}

/** Whether the text of such an option names a file: by its ending, or because it has a folder. */
export function isWeightsFile(text: string): boolean {
  return /[/\\]|\.(safetensors|pth|pt|ckpt)$/i.test(text);
}
