export declare function kernelModule(root?: string): string | undefined;
