export function findLpipsHeads(cache: string): string | undefined;
export function installLpipsHeads(options: { cache: string; log?: (line: string) => void }): Promise<string>;
