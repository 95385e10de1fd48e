import { expect, test } from '@jest/globals';
import { Console } from '../console/console.ts';
import { openMethod } from './restore.ts';

const console = new Console({ write: () => true } as never);

test.each([
  [{}, 'Say what to restore with: --run RUN for a method of a run, or --weights FILE for a network.'],
  [{ run: 'runs/a', weights: 'b.pth' }, '--run and --weights exclude each other: give one of them.'],
  [
    { weights: 'b.pth', method: 'NAFNet' },
    '--method names a method of a run. With --weights there is none: leave it out.',
  ],
])('%j does not say what to restore with', async (source, message) => {
  await expect(openMethod({ ...source, device: 'auto' } as Parameters<typeof openMethod>[0], console)).rejects.toThrow(
    message,
  );
});
