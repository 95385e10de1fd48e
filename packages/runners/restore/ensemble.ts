import { flip, quarterTurn } from '@dualprior/blocks';
import type { Picture, RestoredPicture } from './picture.ts';
import type { Course } from './restore-picture.ts';

interface Way {
  readonly isFlipped: boolean;
  /** Quarters, clockwise, after the flip. */
  readonly turns: number;
}

/** The flips and turns of a picture. */
export const ALL_WAYS: readonly Way[] = [false, true].flatMap((isFlipped) =>
  [0, 1, 2, 3].map((turns) => ({ isFlipped, turns })),
);

/** A picture and its mirror image: all that a network knows which has seen upright faces only. */
export const UPRIGHT_WAYS: readonly Way[] = ALL_WAYS.filter(({ turns }) => turns === 0);

/** Bytes that an ensemble keeps for each pixel: the turned picture, and as float32 the sum and what is turned back and flipped back. */
export const KEPT = 3 * 2 + 3 * 12;

type Restored = RestoredPicture & Course;

/**
 * The mean of what a method makes of the flips and turns of a picture, each flipped and turned back ("self-ensemble": Timofte et al. 2016).
 * @param restore restores one of them; `index` is its number, from 0 to `count` - 1
 */
export async function ensemble(
  picture: Picture,
  ways: readonly Way[],
  restore: (picture: Picture, index: number, count: number) => Promise<Restored>,
): Promise<Restored> {
  const { width, height } = picture;
  const sum = new Float32Array(width * height * 3);
  const courses: Course[] = [];
  for (const [i, { isFlipped, turns }] of ways.entries()) {
    const turned = quarterTurn(isFlipped ? flip(picture) : picture, turns);
    const { data: _, ...course } = await restore(turned, i, ways.length).then((restored) => {
      const back = quarterTurn(restored, -turns);
      const { data } = isFlipped ? flip(back) : back;
      for (let k = 0; k < sum.length; k++) sum[k]! += data[k]! / ways.length;
      return restored;
    });
    courses.push(course);
  }
  const most = (of: keyof Course) => Math.max(...courses.map((course) => course[of]));
  return {
    width,
    height,
    data: sum,
    white: 1,
    tiles: most('tiles'),
    overlap: most('overlap'),
    passes: most('passes'),
    difference: most('difference'),
  };
}
