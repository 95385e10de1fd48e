// The door for browsers: contracts of networks, and what methods need beside them. All that is reachable from here runs in browsers too
// (architecture.config.mjs). `index.ts` opens the rest, for Node.
export type { Size, Window } from './images/image.ts';
export type { Pixels } from './images/transform.ts';
export * from './networks/discriminator.ts';
export * from './networks/encoder.ts';
export * from './networks/fuser.ts';
export * from './networks/generator.ts';
export { parameterCount } from './networks/gfpgan/fixed.ts';
export * from './networks/images/signed-range.ts';
export * from './networks/network.ts';
export * from './networks/prior-restorer.ts';
