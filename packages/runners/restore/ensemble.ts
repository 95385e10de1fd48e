import { flip, quarterTurn } from '@dualprior/blocks';
import type { Picture, RestoredPicture } from './picture.ts';
import type { Course } from './restore-picture.ts';

/** The flips and turns of a picture. */
const WAYS = [false, true].flatMap((isFlipped) => [0, 1, 2, 3].map((turns) => ({ isFlipped, turns })));

type Restored = RestoredPicture & Course;

/**
 * The mean of what a method makes of the 8 flips and turns of a picture, each flipped and turned back ("self-ensemble": Timofte et al. 2016).
 * @param restore restores one of them; `index` is its number, from 0 to `count` - 1
 */
export async function ensemble(
  picture: Picture,
  restore: (picture: Picture, index: number, count: number) => Promise<Restored>,
): Promise<Restored> {
  const { width, height } = picture;
  const sum = new Float32Array(width * height * 3);
  const courses: Course[] = [];
  for (const [i, { isFlipped, turns }] of WAYS.entries()) {
    const turned = quarterTurn(isFlipped ? flip(picture) : picture, turns);
    const { data: _, ...course } = await restore(turned, i, WAYS.length).then((restored) => {
      const back = quarterTurn(restored, -turns);
      const { data } = isFlipped ? flip(back) : back;
      for (let k = 0; k < sum.length; k++) sum[k]! += data[k]! / WAYS.length;
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
