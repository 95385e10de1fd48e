import { AsyncLocalStorage } from 'node:async_hooks';

/** Those with a value since `forgetContexts`. */
const used = new Set();

/**
 * Jest makes an `AsyncLocalStorage` for each test file and never disables it, and Node asks each of them whenever a promise is made: after
 * a hundred files a promise costs many times what it did. From here on it is noted which have values.
 */
export function noteContexts() {
  const { run } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.run = function (...parameters) {
    used.add(this);
    return run.apply(this, parameters);
  };
}

/** Disables the noted ones, when a test file has ended. */
export function forgetContexts() {
  for (const context of used) context.disable();
  used.clear();
}
