import { convolution, maxPool, relu, sequence } from '../trunks/sequence.ts';
import type { Trunk } from '../trunks/trunk.ts';

const POOL = { kernel: 3, stride: 2 };

/** AlexNet of one tower (Krizhevsky 2014), torchvision/models/alexnet.py. Layers: `conv1`, `relu1`, `pool1`, ... */
export function alexnet(): Trunk {
  return sequence('alexnet', [
    convolution('conv1', 3, 64, 11, { stride: 4, padding: 2 }),
    relu('relu1'),
    maxPool('pool1', POOL),
    convolution('conv2', 64, 192, 5, { padding: 2 }),
    relu('relu2'),
    maxPool('pool2', POOL),
    convolution('conv3', 192, 384, 3, { padding: 1 }),
    relu('relu3'),
    convolution('conv4', 384, 256, 3, { padding: 1 }),
    relu('relu4'),
    convolution('conv5', 256, 256, 3, { padding: 1 }),
    relu('relu5'),
    maxPool('pool5', POOL),
  ]);
}
