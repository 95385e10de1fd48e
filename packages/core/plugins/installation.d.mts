export const FROM_INSTALLATION: string;
export function isShared(specifier: string): boolean;
export function isOutside(file: string): boolean;
