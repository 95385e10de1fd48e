/** A component as an experiment has it: its type name and its options, defaults filled in. */
export interface ComponentSpec {
  readonly type: string;
  readonly [option: string]: unknown;
}
