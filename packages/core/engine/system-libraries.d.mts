export declare function systemLibraries(): string;
export declare function librariesIn(maps: string): string;
