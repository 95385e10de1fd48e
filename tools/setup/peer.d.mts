export const PEER_VERSION: string;
export function peerEnvironment(cache: string): string;
export function peerPython(cache: string): string | undefined;
export function installPeer(options: { cache: string; log?: (line: string) => void }): Promise<string>;
