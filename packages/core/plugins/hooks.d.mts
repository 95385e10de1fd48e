export const resolve: (specifier: string, context: object, next: (...parameters: unknown[]) => unknown) => unknown;
