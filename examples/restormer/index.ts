export { CyclicCosine } from './cyclic-cosine.ts';
export { Restormer } from './restormer.ts';
