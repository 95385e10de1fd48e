import type { Curve } from '../record/stage-history.ts';

/** Curves that are drawn in one chart. */
export interface CurveGroup {
  readonly name: string;
  readonly curves: readonly Curve[];
}

/** What comes in several parts that are compared with each other: the terms of a loss, the networks of a GAN. */
const TOGETHER = ['loss', 'learning_rate', 'sign'];

/** The charts of a stage, validation first and then losses; and its flat curves, which would be horizontal lines. */
export function groupCurves(curves: readonly Curve[]): {
  readonly groups: readonly CurveGroup[];
  readonly flat: readonly Curve[];
} {
  const groups = new Map<string, Curve[]>();
  for (const curve of curves.filter((each) => !isFlat(each))) {
    const name = TOGETHER.find((prefix) => curve.name === prefix || curve.name.startsWith(`${prefix}_`)) ?? curve.name;
    groups.set(name, [...(groups.get(name) ?? []), curve]);
  }
  const named = [...groups].map(([name, own]) => ({ name: own.length > 1 ? name : own[0]!.name, curves: own }));
  return { groups: named.sort((a, b) => rankOfCurve(a.name) - rankOfCurve(b.name)), flat: curves.filter(isFlat) };
}

/** Whether all finite values are the same; a curve without any is not flat. */
function isFlat({ points }: Curve): boolean {
  return new Set(points.map(([, value]) => value).filter(Number.isFinite)).size === 1;
}

/** What is looked at first: the validation or the quality, then the losses. */
export function rankOfCurve(name: string): number {
  return /^(validation|fid|kid)/.test(name) ? 0 : name.startsWith('loss') ? 1 : 2;
}
