/** A component as an experiment has it: its type name and its options, defaults filled in. What the options say, its kind tells (`Kind.about`). */
export interface ComponentSpec {
  readonly type: string;
}

/** The same where its options are known, or are treated all alike: copied, compared, changed. */
export type SpecWithOptions = ComponentSpec & Readonly<Record<string, unknown>>;

export function withOptions(spec: ComponentSpec): SpecWithOptions {
  return spec as SpecWithOptions;
}
