import { UserError } from '../errors/user-error.ts';
import type { StateDict } from '../nn/parameters.ts';

/** Errors: `UserError` if a number of these tensors of a file is NaN or infinite, with the first such tensor and what it holds. */
export function refuseNotFinite(file: string, tensors: StateDict): void {
  const broken = [...tensors].flatMap(([name, { values }]) => {
    const first = firstNotFinite(values);
    return first === undefined ? [] : [{ name, values, first }];
  });
  if (broken.length === 0) return;
  const [{ name, values, first }] = broken as [(typeof broken)[number]];
  const count = values.filter((value) => !Number.isFinite(value)).length;
  const others = broken.length - 1;
  const more = others === 0 ? '' : ` and others in ${others} more tensor${others === 1 ? '' : 's'}`;
  throw new UserError(
    `${file} holds numbers that are not finite: ${first} in "${name}" (${count} of ${values.length})${more}. ` +
      'Its training had failed, or the file is damaged: give another one.',
  );
}

/** The same tensors, each of which is checked when its values are asked for, so that a large file is read once. Errors, then: as above. */
export function eachFinite(file: string, tensors: StateDict): StateDict {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      {
        shape: tensor.shape,
        get values() {
          const { values } = tensor;
          if (firstNotFinite(values) !== undefined) refuseNotFinite(file, tensors);
          return values;
        },
      },
    ]),
  );
}

/** The bits of the exponent of a float32, all of which are 1 in infinity and NaN only. */
const EXPONENT = 0x7f800000;

/** By their bits, as networks have hundreds of millions of numbers. */
function firstNotFinite(values: Float32Array): number | undefined {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & EXPONENT) === EXPONENT) return values[i];
  return undefined;
}
