import type { Console } from '../console/console.ts';

/** Aborted at the first Ctrl-C (or SIGTERM), so that the work can be saved; the second one ends the process at once. */
export function interruptible(console: Console): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    console.info('\nInterrupted: saving the state (once more to stop at once) ...');
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
