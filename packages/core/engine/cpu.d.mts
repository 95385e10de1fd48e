export function prepareCpu(env?: NodeJS.ProcessEnv, memory?: number): void;
