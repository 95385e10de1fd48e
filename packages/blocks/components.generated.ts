// Written by `yarn index`: every file of this package that declares a component.
export * from './networks/hinet.ts';
export * from './networks/nafnet.ts';
