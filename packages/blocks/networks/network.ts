import {
  Kind,
  weightsOption,
  type ComponentSpec,
  type Module,
  type StateDict,
  type WeightsFile,
} from '@dualprior/core/nn';
import type { Traits } from './layouts/part.ts';
import type { Reading } from './reading.ts';
import { Type } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** What a restorer returns. Images are NHWC float32 in [0, 1] (not clipped: metrics and files clip). */
export interface Restoration {
  readonly image: Tensor4D;
  /** Earlier results that a loss also looks at (HINet's first stage, to-RGB pyramids), coarse to fine. */
  readonly auxiliary: readonly Tensor4D[];
}

/** A network: a module whose construction makes no tensors. */
export type Network = Module;

/** A network that takes degraded images (NHWC, [0, 1]) and restores them. */
export interface Restorer extends Network {
  restore(degraded: Tensor4D): Restoration;
  /** Image sides must be multiples of this (1: any size). */
  readonly multiple: number;
  /**
   * A part of an image that begins at multiples of this is restored as in the whole image, far from the part's borders: a multiple of
   * `multiple`, which is the default.
   */
  readonly stride?: number;
}

/** A network with options that its state dict does not show, though weights trained with others would give other results. */
export interface Unshown extends Network {
  readonly traits: Traits;
}

export function isUnshown(network: Network): network is Unshown {
  return 'traits' in network;
}

/** A class of networks that recognises its own state dicts. The other statics that it may have: `officialCode`, and `layouts` (`layouts/layouts.ts`). */
export interface Recognising {
  /**
   * What the names and shapes of a state dict tell, likeliest first; none for another network's. It looks at marks only: whoever asks makes
   * the network and compares all names and shapes.
   */
  recognise(state: StateDict): readonly Reading[];
}

export function isRecognising(create: object): create is Recognising {
  return 'recognise' in create;
}

/** A class of networks whose state dicts are those of official code: the same names, shapes and element types. */
interface Official {
  /** Address of that code. */
  readonly officialCode: string;
}

/** The official code that loads state dicts of a class of networks; undefined where there is none. */
export function officialCodeOf(create: object): string | undefined {
  return 'officialCode' in create ? (create as Official).officialCode : undefined;
}

/** Every network takes `weights` beside its own options: they are handled where the network gets its parameters. */
export const networks = new Kind<Network>('network', {
  common: {
    weights: Type.Optional(
      weightsOption({
        description: 'initial weights, instead of random ones: a file, {file, part} for one part of it, or STAGE.NAME',
      }),
    ),
  },
});

/** What a network begins with, where that is not random. */
export function weightsOf(spec: ComponentSpec): string | WeightsFile | undefined {
  return (spec as { readonly weights?: string | WeightsFile }).weights;
}

export function isRestorer(network: Network): network is Restorer {
  return 'restore' in network;
}
