export const BROWSER_VERSION: string;
export function browserFolder(cache: string): string;
export function findBrowser(cache: string): { executablePath: string; env: Record<string, string> } | undefined;
export function installBrowser(options: { cache: string; log?: (line: string) => void }): Promise<string>;
