export declare const ROOT: string;
export declare function cacheFolder(env?: NodeJS.ProcessEnv): string;
