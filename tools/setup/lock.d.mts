export declare function exclusively<T>(lock: string, onWait: () => void, work: () => Promise<T>): Promise<T>;
