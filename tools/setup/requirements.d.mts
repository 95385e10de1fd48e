export declare function findPython(...modules: string[]): string | undefined;
export declare function checkRequirements(): void;
