import { UserError } from '../../errors/user-error.ts';
import { describePath, failurePath } from '../../nn/calls.ts';
import { callSite } from './call-site.ts';

/** Why a step cannot be compiled: the network's module, the call of TensorFlow.js and the line that it stands in. */
export function traceError(error: Error): Error {
  const missing = /^Kernel '(.+)' not registered/.exec(error.message);
  const message = missing
    ? `TensorFlow's backend has no kernel ${missing[1]}, so the step cannot be compiled (nor run eagerly).`
    : error instanceof UserError
      ? error.message
      : `The step cannot be compiled: ${error.message}`;
  return new UserError(message + place(failurePath(error), error));
}

/** Why TensorFlow could not run a step: where memory ran out, and what to do about it. Other errors come back as they are. */
export function runError(error: Error): Error {
  const exhausted = /OOM when allocating tensor with shape\[([\d,]*)\]/.exec(error.message);
  if (!exhausted && !/Invalid TF_Status: 8\b/.test(error.message)) return error;
  const node = /\{\{node (?:([\w.]+(?:\/gradient)?)\/)?[A-Za-z]\w*\}\}/.exec(error.message);
  const what = exhausted ? ` for a tensor of shape (${exhausted[1]!.replaceAll(',', ', ')})` : '';
  return new UserError(
    `There is not enough memory${what}.${place(node?.[1] ?? failurePath(error), error)}\n` +
      '  A smaller batch.size, a smaller batch.crop or a smaller network needs less.',
  );
}

function place(path: string | undefined, { stack = '' }: Error): string {
  const { call, line } = callSite(stack);
  return [path && `in ${describePath(path)}`, call && `in tf.${call}`, line]
    .filter(Boolean)
    .map((text) => `\n  ${text!}`)
    .join('');
}
