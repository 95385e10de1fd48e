import type { Build } from '../../packages/core/engine/location.mjs';

type Log = (line: string) => void;
export declare function buildEngine(
  root: string,
  cache: string,
  log: Log,
  build?: (root: string, folder: string, log: Log) => Promise<void>,
  kind?: Build,
): Promise<string>;
export declare function hasEngine(root: string, cache: string, kind: Build): boolean;
export declare function hasOlderEngine(root: string, cache: string, kind: Build): boolean;
export declare function compile(
  root: string,
  folder: string,
  log: Log,
  options: { readonly cache: string; readonly kind: Build; readonly flags?: readonly string[] },
): Promise<void>;
