import { UserError } from '@dualprior/core';
import type { Verdict } from './judge.ts';

/**
 * Says of each file that the parent process names what becomes of it: what `read` returns, or `refused` where it throws an error for users. All else that it
 * throws is a failure.
 */
export function answerFiles(read: (file: string) => string): void {
  process.on('message', (file: string) => process.send!(answer(() => read(file))));
  process.on('disconnect', () => process.exit());
  process.send!('ready');
}

function answer(read: () => string): Verdict {
  try {
    return { outcome: read(), failed: false };
  } catch (error) {
    if (!(error instanceof UserError)) {
      return { outcome: `no error for users: ${(error as Error).stack ?? String(error)}`, failed: true };
    }
    if (error.message.trim() === '') return { outcome: 'an error without words', failed: true };
    return { outcome: 'refused', failed: false };
  }
}
