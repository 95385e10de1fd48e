export declare function processorFlags(file?: string): string;
export declare function lacksAvx(flags?: string): boolean;
