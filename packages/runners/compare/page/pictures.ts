import { counted } from '@dualprior/core';
import { INPUT } from '../../evaluation/results.ts';
import { findPictures, type Picture } from '../../report/record/pictures.ts';
import type { ComparedRun } from '../read-run.ts';
import { imagesDiffer } from '../same-images.ts';
import type { ComparedVariant } from '../variants.ts';
import { firstVariants, MOST } from './shown.ts';

/** A test image, and what the methods of the variants made of it. */
interface ComparedPicture {
  readonly name: string;
  readonly sharp: string | undefined;
  /** Method -> variant -> file. */
  readonly files: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The degraded image. */
  readonly input: string;
}

export interface ComparedPictures {
  readonly pictures: readonly ComparedPicture[];
  /** Names of the variants that have some. */
  readonly variants: readonly string[];
  readonly methods: readonly string[];
  /** What is not shown, a sentence each. */
  readonly remarks: readonly string[];
}

/** The test images that runs have kept: of each variant those of its first seed, if they are the images of the first variant. */
export function comparedPictures(all: readonly ComparedVariant[]): ComparedPictures {
  const base = all[0]!.runs[0]!;
  const [same, others] = [true, false].map((wanted) =>
    all.filter(({ runs }) => (imagesDiffer(runs[0]!, base) === undefined) === wanted),
  );
  const methods = [...new Set(same!.flatMap(({ runs }) => [...runs[0]!.methods.keys()]))].filter((m) => m !== INPUT);
  const { shown, leftOut } = firstVariants(
    same!,
    Math.floor((MOST.images - 2) / Math.max(1, methods.length)),
    'images',
  );
  const found = shown.map(({ name, runs }) => ({ name, pictures: picturesOf(runs[0]!) }));
  const kept = found[0]!.pictures;
  const count = Math.max(1, Math.floor(MOST.images / (2 + shown.length * methods.length)));
  const pictures = kept.slice(0, count).map(({ name, sharp, rows }, i) => ({
    name,
    sharp,
    input: rows.get(INPUT)!,
    files: new Map(
      methods.map((method) => {
        const files = found.flatMap((variant): [string, string][] => {
          const file = variant.pictures[i]?.rows.get(method);
          return file === undefined ? [] : [[variant.name, file]];
        });
        return [method, new Map(files)];
      }),
    ),
  }));
  return {
    pictures,
    variants: shown.map(({ name }) => name),
    methods,
    remarks: [
      ...(shown.some(({ runs }) => runs.length > 1) ? ['Images are those of the first seed.'] : []),
      ...leftOut,
      ...(kept.length > count
        ? [`Of ${counted(kept.length, 'test image')} that were kept, the first ${count} are shown.`]
        : []),
      ...others!.map(({ name }) => `The images of ${name} are left out: it was measured on other ones.`),
    ],
  };
}

function picturesOf({ path, methods }: ComparedRun): Picture[] {
  return findPictures(path, methods.get(INPUT)?.images.names ?? [], [...methods.keys()], new Map());
}
