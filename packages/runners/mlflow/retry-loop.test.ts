import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Lane } from './retry-loop.ts';
import { ServerError } from './server-error.ts';

const busy = (retryAfterSeconds?: number) => new ServerError('busy', 'HTTP 503', { status: 503, retryAfterSeconds });

/** A lane that fails; when it was tried, and with how many failures in a row. */
function failing(error: () => Error, progress = () => 0) {
  const times: number[] = [];
  const failures: number[] = [];
  const lane = new Lane({
    work: () => {
      times.push(performance.now());
      return Promise.reject(error());
    },
    progress,
    onFailure: (_, count) => failures.push(count),
    firstPause: 0.05,
  });
  return { lane, times, failures };
}

test('pauses double while nothing arrives', async () => {
  const { lane, times, failures } = failing(busy);
  lane.start();
  while (times.length < 5) await sleep(10);
  await lane.finish(0, () => {});
  const gaps = times.slice(1, 5).map((time, i) => time - times[i]!);
  // A timer may fire a millisecond early, and late by any time.
  gaps.forEach((gap, i) => expect(gap).toBeGreaterThan(0.75 * 50 * 2 ** i - 2));
  expect(failures.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
});

test('they begin again when something has arrived', async () => {
  let arrived = 0;
  const { lane, failures } = failing(busy, () => arrived);
  lane.start();
  while (failures.length < 2) await sleep(5);
  arrived++;
  while (failures.length < 4) await sleep(5);
  await lane.finish(0, () => {});
  expect(failures.slice(0, 4)).toEqual([1, 2, 1, 2]);
});

test('a server that asks for more time than there is at the end is not asked again', async () => {
  const { lane, times } = failing(() => busy(86_400));
  lane.start();
  while (times.length < 1) await sleep(5);
  await lane.finish(600, () => {});
  expect(times).toHaveLength(1);
  expect(lane.complete).toBe(false);
});

test('one that asks for longer than timers count is not asked at once', async () => {
  const { lane, times } = failing(() => busy(1e10));
  lane.start();
  await sleep(100);
  await lane.finish(0, () => {});
  expect(times).toHaveLength(1);
});
