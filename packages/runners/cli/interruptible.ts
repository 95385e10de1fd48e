import type { Console } from '../console/console.ts';

/** One Ctrl-C can arrive several times, in ms: from the terminal, from npm and from tools/run.mjs. */
const SAME = 1000;

/**
 * Aborted at the first Ctrl-C (or SIGTERM, or SIGHUP of a terminal that is closed, or when the process that started this one is
 * killed), so that the work can be saved; the second one ends the process at once.
 * @param what is done meanwhile
 */
export function interruptible(console: Console, what = 'Interrupted: saving the state'): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (controller.signal.aborted) {
      if (performance.now() - first > SAME) process.exit(130);
      return;
    }
    first = performance.now();
    console.info(`\n${what} (press Ctrl-C again to stop immediately) ...`);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  process.on('disconnect', () => {
    if (!controller.signal.aborted) interrupt();
  });
  return controller.signal;
}
