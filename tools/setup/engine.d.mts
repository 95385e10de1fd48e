type Log = (line: string) => void;
export declare function buildEngine(
  root: string,
  cache: string,
  log: Log,
  build?: (root: string, folder: string, log: Log) => Promise<void>,
): Promise<string>;
export declare function verify(file: string, sha256: string): Promise<void>;
