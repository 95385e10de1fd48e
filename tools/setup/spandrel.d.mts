export declare const SPANDREL_VERSION: string;
export declare function spandrelPython(cache: string): string | undefined;
export declare function installSpandrel(options: { cache: string; log?: (line: string) => void }): Promise<string>;
