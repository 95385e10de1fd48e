/** The parts of a face that have discriminators of their own, by GFP-GAN's names. */
export const FACIAL_PARTS = ['left_eye', 'right_eye', 'mouth'] as const;

export type FacialPart = (typeof FACIAL_PARTS)[number];

/** One of a thing for each part. */
export type PerFacialPart<T> = Readonly<Record<FacialPart, T>>;

export function perFacialPart<T>(make: (part: FacialPart, index: number) => T): PerFacialPart<T> {
  return Object.fromEntries(FACIAL_PARTS.map((part, i) => [part, make(part, i)])) as Record<FacialPart, T>;
}
