export const TENSORBOARD_VERSION: string;
export function tensorboardPython(cache: string): string | undefined;
export function installTensorboard(options: { cache: string; log?: (line: string) => void }): Promise<string>;
