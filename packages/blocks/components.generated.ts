// Written by `yarn index`: every file of this package that declares a component.
export * from './data/avatars.ts';
export * from './data/held-out.ts';
export * from './data/image-folder.ts';
export * from './degradations/motion-blur.ts';
export * from './kernels/camera-shake.ts';
export * from './losses/charbonnier.ts';
export * from './losses/l1.ts';
export * from './losses/mse.ts';
export * from './losses/psnr.ts';
export * from './losses/total-variation.ts';
export * from './networks/hinet.ts';
export * from './networks/nafnet.ts';
export * from './schedules/constant.ts';
export * from './schedules/cosine.ts';
export * from './schedules/multistep.ts';
export * from './schedules/warmup.ts';
