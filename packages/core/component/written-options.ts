import type { Kind, Static, TSchema } from '@sinclair/typebox';

/** Schema of an option that a file has as `W` (the name of an entry, the type and options of a component) and the constructor gets as `T`. */
export interface TResolved<T, W> extends TSchema {
  [Kind]: string;
  static: this['params'] extends ['written'] ? W : T;
}

/** The options as an experiment has them, checked and with defaults: entries by their names, components by type and options. */
export type Written<Schema extends TSchema> = Static<Schema, ['written']>;

/** An option of a component, which can be read, pointed at in messages and, with `--set`, changed. */
export interface Option<T = unknown> {
  /** `batch.size` for one inside another. */
  readonly name: string;
  readonly value: T;
}

/** Names of options, also of those inside others: `batch`, `batch.size`. */
type OptionName<Options> = {
  [Name in keyof Options & string]-?: Name | Inside<Name, NonNullable<Options[Name]>>;
}[keyof Options & string];

type Inside<Name extends string, Value> = Value extends readonly unknown[]
  ? never
  : Value extends object
    ? `${Name}.${OptionName<Value>}`
    : never;

type ValueOf<Options, Name> = Name extends keyof Options
  ? Options[Name]
  : Name extends `${infer Outer}.${infer Rest}`
    ? Outer extends keyof Options
      ? ValueOf<NonNullable<Options[Outer]>, Rest> | Extract<Options[Outer], undefined>
      : never
    : never;

/** Gives an option by its name. */
export type OptionOf<Options> = <Name extends OptionName<Options>>(name: Name) => Option<ValueOf<Options, Name>>;

/** The option of this name in the options of a component; its value is undefined where it is absent. */
export function optionOf<Options extends object>(options: Options): OptionOf<Options> {
  return (name) => {
    const inside = (outer: unknown, key: string) => (outer as Readonly<Record<string, unknown>> | undefined)?.[key];
    return { name, value: name.split('.').reduce(inside, options) as never };
  };
}
