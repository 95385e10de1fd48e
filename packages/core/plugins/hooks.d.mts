export const resolve: (specifier: string, context: object, next: (...parameters: unknown[]) => unknown) => unknown;
export const initialize: (compiled: Readonly<Record<string, string>> | undefined) => void;
