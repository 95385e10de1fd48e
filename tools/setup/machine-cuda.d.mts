interface MachineCuda {
  readonly release: 12 | 13;
  readonly links: Readonly<Record<string, string>>;
  readonly wheels: readonly string[];
  readonly missing?: undefined;
}
export declare function machineCuda(machine?: {
  root?: string;
  env?: NodeJS.ProcessEnv;
  loader?: () => string[];
}): MachineCuda | { readonly missing: readonly string[] };
