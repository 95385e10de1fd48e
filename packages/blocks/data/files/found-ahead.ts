import type { Listed } from './find-images.ts';
import { HandedOver } from './handed-over.ts';

/** What fingerprints have found of large folders, by the keys of their layouts. */
export const foundAhead = new HandedOver<Listed>();
