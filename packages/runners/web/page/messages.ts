import type { Backend } from './names.ts';

/** What the page asks the worker. */
export type Request =
  | { readonly kind: 'open'; readonly backends: readonly Backend[] }
  | { readonly kind: 'load'; readonly method: string }
  | {
      readonly kind: 'restore';
      readonly method: string;
      readonly width: number;
      readonly height: number;
      /** RGB, 0 .. 255. */
      readonly data: Uint8Array;
      /** Side of the tiles in pixels. */
      readonly tile: number;
    };

/** What the worker says. */
export type Answer =
  /** `backend`: the first that works; undefined: none does. */
  | { readonly kind: 'opened'; readonly backend: Backend | undefined }
  /** A network is being read: so many bytes of so many. */
  | { readonly kind: 'loading'; readonly loaded: number; readonly bytes: number }
  /** Which share of the work is done. */
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'restored'; readonly data: Uint8Array; readonly tiles: number; readonly seconds: number }
  /** The photograph does not suit the method, or a network cannot be had. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The backend failed; another one may not. */
  | { readonly kind: 'broken'; readonly message: string };
