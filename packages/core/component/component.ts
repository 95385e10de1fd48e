import type { Static, TObject } from '@sinclair/typebox';
import type { InjectionToken } from 'tsyringe';
import type { OptionOf, Written } from './written-options.ts';

/** How a component presents itself: its name in YAML, a line for display, its options, what it wants injected. */
export interface Declaration<
  Options extends TObject = TObject,
  Tokens extends readonly InjectionToken[] = readonly InjectionToken[],
  Facts = never,
> {
  readonly type: string;
  readonly description: string;
  readonly options: Options;
  readonly inject?: Tokens;
  /**
   * What the options say to the questions of the kind (`Kind.about`): a pure function, asked before anything is made and also where files that
   * the options name are missing.
   * @param option gives an option by its name, for answers that point at one
   */
  about?(options: Written<Options>, option: OptionOf<Written<Options>>): Facts;
  /** Counts up when the same options give other results than before, so that nothing trained the old way is reused. */
  readonly version?: number;
  /** In place of `version` where only some options give other results: undefined for those that do not. */
  versionOf?(options: Static<Options>): number | undefined;
  /** Options that have another name now, with that name: it is the hint where a file still has the old one. */
  readonly renamed?: Readonly<Record<string, string>>;
  /**
   * What counts of the options, by the names that they had when it was first trained with, so that a new name changes no hash.
   * `counted`: the same by the names of today; components and references in it are as hashes have them, those of `options` are not.
   */
  formerly?(counted: Readonly<Record<string, unknown>>, options: Static<Options>): Readonly<Record<string, unknown>>;
  /**
   * What counts of the files and folders that the options name (those marked `CONTENT`), where that is not the content of each file: of a
   * folder of images, say, the images in it. Equal for equal results. Errors: `UserError` if something is missing.
   */
  content?(options: Static<Options>): string;
  /**
   * What counts for who reads only a part of what the component gives (`reference(..., { reads: 'sharp' })`): the options, with those that
   * play no part in it as they are by default. Equal for equal parts.
   */
  part?(name: string, options: Static<Options>): object;
}

/** A declaration whose kind is known no more. */
export type AnyDeclaration = Declaration<TObject, readonly InjectionToken[], unknown>;

/** A declared component: what the catalogue holds and the container instantiates. */
export interface Component<T = unknown> {
  readonly kind: string;
  readonly declaration: AnyDeclaration;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor of any options and services: `Kind.component` has checked them.
  readonly create: new (options: any, ...services: any[]) => T;
  /** Names of the options that the constructor is not given: they are common to the kind, and its user sees to them. */
  readonly common?: readonly string[];
  /** The file that declares it; in a browser, if anything, that of the bundle. */
  readonly file: string;
}
