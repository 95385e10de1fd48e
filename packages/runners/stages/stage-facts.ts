import type { ComponentSpec, Option } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import type { runtimeOption } from './runtime.ts';

/** An option that names a data set, or several. */
type DataOption = Option<string | readonly string[] | undefined>;

/** What the options of a stage say (`Declaration.about`): by this alone a run checks, plans, rehearses and reports it. */
export interface StageFacts {
  /** The options that name what it is trained on. */
  readonly data: readonly DataOption[];
  /** Those that name what it is validated on, by which it may choose its checkpoint. A rehearsal goes without (`--set OPTION=null`). */
  readonly validation: readonly DataOption[];
  /** The option with the count of images of a step; a rehearsal sets it. */
  readonly batch: Option<number>;
  /** How many training images an iteration sees, where that is not a batch. */
  readonly images?: number;
  /** As `Stage.iterations`. */
  readonly iterations: number;
  /**
   * Whose its training images are, where rows of a table are compared. Of a `prior`, which learns from sharp images what several rows begin
   * with: nobody's. Of a `restorer`: of each row that depends on it. `dual-prior`: the same, of one of the paper's own stages; a row that is
   * compared with theirs should see as many.
   */
  readonly purpose: 'prior' | 'restorer' | 'dual-prior';
  /** Whether it trains against a discriminator what restores images, so that rows that depend on it make detail up. By default not. */
  readonly generative?: boolean;
  /** What differs from the `runtime` of the experiment; by default nothing. */
  readonly runtime?: Option<Static<typeof runtimeOption>>;
  /**
   * By what it chooses its checkpoint, where an option says: a metric of its images against the training images, or an entry of `metrics`,
   * on the validation images. A rehearsal goes without.
   */
  readonly selection?:
    ({ readonly option: Option } & ({ readonly metric: ComponentSpec } | { readonly entry: string })) | undefined;
  /** Networks that should begin with what a prior of faces knows: references. */
  readonly priors?: readonly string[];
  /** In what its losses are not those of the paper's equations, for display: `lambda_per 0 (paper 10)`. */
  readonly departures?: readonly string[];
  /** What it goes without although its authors train with it, for display. */
  readonly absent?: readonly string[];
}

/** An option of a stage, and a data set that it names. */
export interface DataUse {
  readonly option: string;
  readonly data: string;
}

/** The data sets that options name, each with its option. */
export function dataOf(options: readonly DataOption[]): DataUse[] {
  return options.flatMap(({ name: option, value }) => [value ?? []].flat().map((data) => ({ option, data })));
}

/** Training images that an iteration sees. */
export function imagesAStep({ images, batch }: StageFacts): number {
  return images ?? batch.value;
}
