import { Type, type Static } from '@sinclair/typebox';

export const CODE = Type.Object({
  /** With what the fingerprints were made. */
  by: Type.String(),
  /** By component (`network nafnet`) and other parts (`sampling`). */
  parts: Type.Record(Type.String(), Type.String()),
});

/** Fingerprints of the code that a result was made by. */
export type Code = Static<typeof CODE>;

/** The parts whose code has changed; none if that is unknown. */
export function editedParts(before: Code | undefined, now: Code): string[] {
  if (before?.by !== now.by) return [];
  const names = [...new Set([...Object.keys(before.parts), ...Object.keys(now.parts)])];
  return names.filter((name) => before.parts[name] !== now.parts[name]);
}
