export declare const TENSORFLOW_VERSION: string;
export declare const NATIVE: string;
export declare function engineFolder(root: string, cache: string): string;
