import type { InjectionToken } from 'tsyringe';

/** Speaks to the user while a run continues. */
export interface Log {
  info(line: string): void;
  warn(line: string): void;
}

/** Injects the log of the run: `inject: [LOG]`. */
export const LOG: InjectionToken<Log> = Symbol('Log');
