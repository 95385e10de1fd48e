/**
 * The leaves of a nested value with dotted keys, as trackers want parameters: `{a: {b: [1, 2]}}` gives `a.b: "[1,2]"`.
 * Lists of scalars stay whole; lists that hold maps get an index a level (`losses.0.type`). Absent values are left out.
 */
export function flatten(value: unknown, prefix = ''): [key: string, value: string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[prefix, String(value)]];
  if (Array.isArray(value) && !value.some((item) => typeof item === 'object' && item !== null)) {
    return [[prefix, JSON.stringify(value)]];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return prefix === '' ? [] : [[prefix, '{}']];
  return entries.flatMap(([key, item]) => flatten(item, prefix === '' ? key : `${prefix}.${key}`));
}
