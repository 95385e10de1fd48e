export function entries(root?: string): string[];
