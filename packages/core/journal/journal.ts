/** One record of a journal. `time` in ms since 1970; `run` is the path of the run in the tree, e.g. `[]`, `["stages", "restore"]`, `["methods", "NAFNet"]`. */
export type JournalRecord = { readonly time: number; readonly run: readonly string[] } & (
  | { readonly event: 'start'; readonly name: string }
  | { readonly event: 'param'; readonly key: string; readonly value: string }
  | { readonly event: 'tag'; readonly key: string; readonly value: string }
  | { readonly event: 'metric'; readonly key: string; readonly value: number | 'NaN' | 'Infinity' | '-Infinity'; readonly step: number }
  | { readonly event: 'artifact'; readonly path: string; readonly file: string }
  | { readonly event: 'image'; readonly key: string; readonly file: string; readonly step: number }
  | { readonly event: 'end'; readonly status: 'FINISHED' | 'FAILED' | 'KILLED' }
);
