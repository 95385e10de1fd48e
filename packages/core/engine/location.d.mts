export declare const TENSORFLOW_VERSION: string;
export declare const NATIVE: string;
export declare const COMPILER_FLAGS: readonly string[];
export declare const WARNINGS: readonly string[];
export declare const OPERATION_FLAGS: readonly string[];
export type Build = 'cpu' | 'cuda';
export declare function engineFolder(root: string, cache: string, build?: Build, libraries?: string): string;
