export * from './networks/network.ts';
export { HiNet } from './networks/hinet.ts';
export { NafNet } from './networks/nafnet.ts';
