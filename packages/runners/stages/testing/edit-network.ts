import type { TrainedNetwork } from '../../networks/trained-network.ts';

/** Gives a network other numbers: `change` is called with the name and the values of each tensor. */
export function edit({ parameters }: TrainedNetwork, change: (name: string, values: Float32Array) => void): void {
  const state = parameters.stateDict();
  for (const [name, { values }] of state) change(name, values);
  parameters.load(state);
}

/** Makes a fusion network return one of the two images that it joins: `conv_regressed` x_R, `conv_inverted` x_G. */
export function passOn(fusion: TrainedNetwork, which: 'conv_regressed' | 'conv_inverted'): void {
  const shapes = fusion.parameters.stateDict();
  edit(fusion, (name, values) => {
    values.fill(0);
    if (name !== `${which}.weight` && name !== 'conv_out.weight') return;
    const [, inputs] = shapes.get(name)!.shape as [number, number, number, number];
    for (let c = 0; c < 3; c++) values[(c * inputs + c) * 9 + 4] = 1; // the centre of channel c to channel c
  });
}
