export const MLFLOW_VERSION: string;
export function mlflowEnvironment(cache: string): string;
export function mlflowInstalled(cache: string): boolean;
export function installMlflow(options: { cache: string; log?: (line: string) => void }): Promise<string>;
