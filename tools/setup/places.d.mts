export declare const ROOT: string;
export declare function placeProblem(root?: string): string | undefined;
