import type { SpecWithOptions, StateDict } from '@dualprior/core';
import type { Method } from '../methods/method.ts';

/** A method with its networks in memory. */
export interface OpenMethod {
  /** For display. */
  readonly name: string;
  readonly method: Method;
  /** What is worth a line about where its numbers come from. */
  readonly notes: readonly string[];
  /** Frees the networks. */
  dispose(): void;
}

/** What it takes to make a method elsewhere. */
export interface Recipe {
  /** As an experiment has it: networks by their references. */
  readonly spec: SpecWithOptions;
  readonly networks: readonly NetworkRecipe[];
}

export interface NetworkRecipe {
  readonly reference: string;
  /** Without the weights that it began with. */
  readonly spec: SpecWithOptions;
  readonly state: StateDict;
}

/** A method that can be made elsewhere. */
export interface KnownMethod extends OpenMethod {
  /** Reads the numbers of its networks. */
  recipe(): Recipe;
}
