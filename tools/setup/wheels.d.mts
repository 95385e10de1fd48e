type Log = (line: string) => void;
export interface Wheel {
  readonly file: string;
  readonly requirement: string;
  readonly parts: string;
  readonly megabytes: number;
  readonly sha256: string;
}
export declare const TENSORFLOW: Readonly<Record<'cpu' | 'cuda', Wheel>>;
export declare const CUDA_WHEELS: Readonly<Record<string, Wheel>>;
export declare function megabytes(wheels: readonly Wheel[]): number;
export declare function unpackedWheel(wheel: Wheel, cache: string, log: Log): Promise<string>;
export declare function verify(file: string, sha256: string): Promise<void>;
