/** The process that holds a lock, as it wrote itself down; only an id where it cannot be read. */
export interface LockOwner {
  readonly id: string;
  readonly pid?: number;
  readonly host?: string;
  readonly boot?: string;
  readonly namespace?: string;
}

export declare function takeLock(file: string): { release: () => void } | { owner: LockOwner };

export declare function exclusively<T>(
  file: string,
  work: () => Promise<T>,
  options?: { onWait?: (owner: LockOwner) => void; signal?: AbortSignal },
): Promise<T>;

export declare function describeOwner(owner: LockOwner): string;
