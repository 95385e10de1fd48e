// Written by `yarn index`: every file of this package that declares a component.
export * from './launchers/local.ts';
export * from './launchers/slurm.ts';
export * from './methods/regression-gan-fusion.ts';
export * from './methods/regression.ts';
export * from './mlflow/tracker.ts';
export * from './report/comparison.ts';
export * from './stages/fusion.ts';
export * from './stages/gan-inversion.ts';
export * from './stages/gan.ts';
export * from './stages/gfpgan.ts';
export * from './stages/gpen.ts';
export * from './stages/regression.ts';
export * from './tensorboard/tracker.ts';
