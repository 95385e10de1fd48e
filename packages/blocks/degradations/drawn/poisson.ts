import type { Stream } from '@dualprior/core';

/** Below it, uniform numbers are multiplied; above, a transformed one is accepted or not. */
const SMALL = 10;

/** ln k! for small k; it grows as it is asked for. */
const LOG_FACTORIALS = [0];

function logFactorial(k: number): number {
  for (let n = LOG_FACTORIALS.length; n <= k; n++) LOG_FACTORIALS.push(LOG_FACTORIALS[n - 1]! + Math.log(n));
  return LOG_FACTORIALS[k]!;
}

/** Draws from the Poisson distribution of this mean (Knuth, 1969; PTRS of Hoermann, 1993). */
export function poisson(stream: Stream, mean: number): number {
  return mean < SMALL ? byProducts(stream, mean) : byRejection(stream, mean);
}

function byProducts(stream: Stream, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = stream.uniform(); product > limit; product *= stream.uniform()) count++;
  return count;
}

function byRejection(stream: Stream, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = stream.uniform() - 0.5;
    const v = stream.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const density = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <= density) return k;
  }
}
