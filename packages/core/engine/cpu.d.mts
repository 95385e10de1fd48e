export function prepareCpu(env?: NodeJS.ProcessEnv): void;
