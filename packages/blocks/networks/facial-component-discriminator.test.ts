import { expect, test } from '@jest/globals';
import { FacialComponentDiscriminator } from './facial-component-discriminator.ts';

// GFPGAN:gfpgan/archs/gfpganv1_arch.py with basicsr's ConvLayer: an activation has the bias, but for the last layer, which has no activation.
test('it has the names and shapes of the official state dict', () => {
  const network = new FacialComponentDiscriminator({ width: 64 });
  const shapes = [...network.parameters(), ...network.buffers()].map(([name, { shape }]) => [name, [...shape]]);
  expect(Object.fromEntries(shapes)).toEqual({
    'conv1.0.weight': [64, 3, 3, 3],
    'conv1.1.bias': [64],
    'conv2.1.weight': [128, 64, 3, 3],
    'conv2.2.bias': [128],
    'conv3.0.weight': [128, 128, 3, 3],
    'conv3.1.bias': [128],
    'conv4.1.weight': [256, 128, 3, 3],
    'conv4.2.bias': [256],
    'conv5.0.weight': [256, 256, 3, 3],
    'conv5.1.bias': [256],
    'final_conv.0.weight': [1, 256, 3, 3],
    'final_conv.0.bias': [1],
  });
});
