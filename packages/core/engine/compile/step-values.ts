import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';

/** Errors: an argument of a step is no tensor, or was disposed of. */
export function checkArguments(values: readonly unknown[]): void {
  values.forEach((value, i) => {
    const wrong = notATensor(value);
    if (wrong === undefined) return;
    const remedy = typeof value === 'number' ? `pass tf.scalar(${value})` : 'pass a tensor';
    throw new UserError(`Argument ${i + 1} of a step is ${wrong}: ${remedy}.`);
  });
}

/** The tensors that a step returned, by name, by index, or one alone. Errors: they are none. */
export function tensorsOf(results: unknown): Tensor[] {
  if (results instanceof Promise) {
    results.catch(() => undefined); // that it is one is said here
    throw new UserError(
      'A step returned a promise: it cannot be asynchronous.\n' +
        '  What must be waited for is done before the step and passed as an argument.',
    );
  }
  if (results instanceof tf.Tensor) return [checkResult(results, '')];
  if (typeof results !== 'object' || results === null) throw new UserError(notAResult(results, ''));
  return Object.entries(results).map(([name, value]) => checkResult(value, ` as "${name}"`));
}

function checkResult(value: unknown, where: string): Tensor {
  if (notATensor(value) !== undefined) throw new UserError(notAResult(value, where));
  return value as Tensor;
}

function notAResult(value: unknown, where: string): string {
  return (
    `A step returned ${notATensor(value)}${where}: it returns a tensor, or tensors in an object or a list.\n` +
    '  A number becomes one by tf.scalar; what returns nothing may return an empty object.'
  );
}

/** What a value is, for display, if it is no tensor that can be used. */
function notATensor(value: unknown): string | undefined {
  if (value instanceof tf.Tensor) return value.isDisposed ? 'a tensor that was disposed of' : undefined;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'object' && value !== null)
    return `${Array.isArray(value) ? 'a list' : 'an object'}, not a tensor`;
  return `${String(value)}, not a tensor`;
}
