import { isConverted, type Part } from '@dualprior/blocks';
import { catalogue, showValue, UserError, type SpecWithOptions, type WeightsFile } from '@dualprior/core';
import { isExact, type Fit } from './fit.ts';
import { isAverage } from './parts.ts';

/** A part of a file, and in whose layout it is. */
export function placeOf(file: string, part: Part): string {
  const words = [...(part.name === '' ? [] : [`its part "${part.name}"`]), ...layoutOf(part)];
  return words.length === 0 ? file : `${file} (${words.join(', ')})`;
}

function layoutOf(part: Part): string[] {
  return isConverted(part) ? [`in the layout of ${part.layout}`] : [];
}

export function leftOut(counters: number): string[] {
  return counters === 0 ? [] : [`${counters} counters of thop (total_ops, total_params) are left out`];
}

export function noSuchPart({ file, part }: WeightsFile, names: readonly string[]): UserError {
  const isInner = (name: string) => names.some((outer) => outer !== '' && name.startsWith(`${outer}.`));
  const known = names.filter((name) => name !== '' && (!isInner(name) || isAverage(name.split('.').at(-1)!)));
  const allowed = known.length > 0 ? known.join(', ') : 'it has none: leave `part` out';
  const message = `${file} has no part "${part!}". Its parts: ${allowed}.`;
  return new UserError(message, [{ file: null, line: null, column: null, message, found: part!, allowed }]);
}

/** The options of a network that have defaults. */
export function defaultsOf(type: string): Readonly<Record<string, unknown>> {
  const { properties } = catalogue.find('network', type)!.declaration.options;
  const options = Object.entries(properties).map(([name, option]) => [name, option.default as unknown] as const);
  return Object.fromEntries(options.filter(([, value]) => value !== undefined));
}

/** Which network weights fit, or come nearest to. */
export function suggestion(given: SpecWithOptions | undefined, near: SpecWithOptions, fit: Fit): string {
  const before = near.type === given?.type ? given : defaultsOf(near.type);
  const changed = Object.entries(near).filter(
    ([name, value]) => name !== 'type' && showValue(value, Infinity) !== showValue(before[name], Infinity),
  );
  const options = changed.map(([name, value]) => `${name}: ${showValue(value, Infinity)}`).join(', ');
  const what = `{type: ${near.type}${options ? `, ${options}` : ''}}`;
  if (isExact(fit)) return `It fits ${what}.`;
  if (changed.length === 0 && near.type === given?.type) return 'No change of its options brings it nearer.';
  const wrong = fit.missing.length + fit.unexpected.length + fit.misshapen.length;
  return `The nearest is ${what}, from which ${wrong} names or shapes still differ.`;
}
