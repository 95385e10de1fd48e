export const INSTALLATION: string;
