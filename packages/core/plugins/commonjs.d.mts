export function shareWithPlugins(modules?: ReadonlyMap<string, unknown>): void;
