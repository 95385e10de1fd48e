import { UserError } from '../errors/user-error.ts';
import type { StateDict } from '../nn/parameters.ts';

/** Errors: `UserError` if a number of these tensors of a file is NaN or infinite, with the first such tensor and what it holds. */
export function refuseNotFinite(file: string, tensors: StateDict): void {
  const broken = [...tensors].flatMap(([name, { values }]) => {
    const first = values.find((value) => !Number.isFinite(value));
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
