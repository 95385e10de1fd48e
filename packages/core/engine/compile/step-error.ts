import { UserError } from '../../errors/user-error.ts';
import { describePath, failurePath } from '../../nn/calls.ts';
import { xlaFolder } from '../xla-cache.ts';
import { callSite } from './call-site.ts';

const DEBUG = 'With `runtime.compile: false` it runs operation by operation and can be followed in a debugger.';

/** What TensorFlow does not do with tensors of these shapes. */
export function refused(type: string, shapes: readonly (readonly number[] | null)[], { message }: Error): UserError {
  const listed = shapes.map((shape) => (shape ? `(${shape.join(', ')})` : '(?)')).join(', ');
  const why = message.replace(/ for '\{\{node [^]*$/, '').replace(/\.$/, '');
  return new UserError(`TensorFlow refuses ${type} of tensors of the shapes ${listed}: ${why}.\n  ${DEBUG}`);
}

/** Why a step cannot be compiled: the network's module, the call of TensorFlow.js and the line that it stands in. */
export function traceError(error: Error): Error {
  const missing = /^Kernel '(.+)' not registered/.exec(error.message);
  const message = missing
    ? `TensorFlow's backend has no kernel ${missing[1]}, so the step cannot be compiled (nor run eagerly).\n` +
      '  Write it with other operations, or compute it outside of the step and pass it as an argument.'
    : error instanceof UserError
      ? error.message
      : `The step cannot be compiled: ${error.message}\n  ${DEBUG}`;
  return new UserError(message + place(failurePath(error), error));
}

/** Where memory ran out, and what to do about it. Other errors of an eager step come back as they are, with the stack that leads to them. */
export function runError(error: Error): Error {
  const exhausted = /OOM when allocating tensor with shape\[([\d,]*)\]/.exec(error.message);
  if (!exhausted && !/Invalid TF_Status: 8\b/.test(error.message)) return error;
  const what = exhausted ? ` for a tensor of shape (${exhausted[1]!.replaceAll(',', ', ')})` : '';
  return new UserError(
    `There is not enough memory${what}.${nodePlace(error) ?? place(failurePath(error), error)}\n` +
      '  A smaller batch.size, a smaller batch.crop or a smaller network needs less; so does `runtime.recompute: true` where the ' +
      'network has blocks that repeat.',
  );
}

/** Why TensorFlow could not run a compiled step: the module of the network and the operation. With XLA, where that keeps what it compiled. */
export function compiledRunError(error: Error, byXla = false): Error {
  const told = runError(error);
  const where = nodePlace(error);
  if (told !== error || where === undefined) return told;
  const why = error.message
    .replace(/^[^]*?Message: /, '')
    .replace(/\s*\[\[[^]*$|\n[^]*$/, '')
    .replace(/\.$/, '');
  const folder = byXla ? xlaFolder() : undefined;
  const cache = folder === undefined ? '' : `\n  If that is about what XLA keeps in ${folder}: remove that folder.`;
  return new UserError(`TensorFlow could not run the step: ${why}.${where}${cache}\n  ${DEBUG}`);
}

/** What the name of a node says, which TensorFlow's errors quote: the module and the operation. */
function nodePlace({ message }: Error): string | undefined {
  const [, path, operation] = /\{\{node (?:([\w.]+(?:\/gradient)?)\/)?([A-Za-z]\w*?)(?:_\d+)?\}\}/.exec(message) ?? [];
  if (operation === undefined) return undefined;
  return `${path === undefined ? '' : `\n  in ${describePath(path)}`}\n  in the operation ${operation}`;
}

function place(path: string | undefined, { stack = '' }: Error): string {
  const { call, line } = callSite(stack);
  return [path && `in ${describePath(path)}`, call && `in tf.${call}`, line]
    .filter(Boolean)
    .map((text) => `\n  ${text!}`)
    .join('');
}
