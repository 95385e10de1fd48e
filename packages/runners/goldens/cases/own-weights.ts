import { Parameters, type Module } from '@dualprior/core';
import type { Golden } from '../golden.ts';

/** Runs `use` while these modules have their weights of a golden case, each those of its own names. */
export function withOwnWeights<T>(golden: Golden, modules: readonly Module[], use: () => T): T {
  const weights = golden.weights();
  const all = modules.map((module) => {
    const names = new Set([...module.parameters().keys(), ...module.buffers().keys()]);
    return new Parameters(module, new Map([...weights].filter(([name]) => names.has(name))));
  });
  try {
    return all.reduce((inner, parameters) => () => parameters.use(inner), use)();
  } finally {
    all.forEach((parameters) => parameters.dispose());
  }
}
