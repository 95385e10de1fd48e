export declare function running(pid: number, moment: number): boolean;
