type Log = (line: string) => void;
export declare const YARN_VERSION: string;
export declare function findYarn(cache: string, log: Log): Promise<string[]>;
export declare function packagesKey(root: string): string;
export declare function installPackages(
  root: string,
  cache: string,
  log: Log,
  install?: (root: string, cache: string, log: Log) => Promise<void>,
): Promise<string>;
