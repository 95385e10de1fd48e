import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';

const REDUCTIONS = `
  import { createHash } from 'node:crypto';
  import * as tf from '@tensorflow/tfjs-core';
  import * as core from '@dualprior/core';
  import { modulate } from '../nn/ops/modulate.ts';
  core.loadEngine('cpu');
  let seed = 0;
  const random = (...shape) => core.statelessNormal(shape, tf.tensor1d([seed++, 0], 'int32'));
  const [n, c] = [9000, 48];
  const [x, dy, scale] = [random(n, c), random(n, c), random(c)];
  const norm = core.layerNorm(x, scale, scale, 1e-6);
  const image = random(3, 60, 50, c);
  const modulated = tf.grads((...inputs) => tf.sum(tf.square(modulate(...inputs))));
  const activated = tf.grads((...inputs) => tf.sum(tf.square(core.fusedLeakyRelu(...inputs))));
  const filtered = tf.grad((image) => tf.sum(tf.square(core.upfirdn2d(image, random(4, 4), { up: 2, pad: [2, 1] }))));
  const results = [
    core.columnSums(x),
    core.gradientNorm([x, dy]),
    core.attentionGradient(dy, x, 3),
    filtered(image),
    ...modulated([image, random(3, c)]),
    ...activated([image, scale]),
    ...Object.values(core.layerNormGradient(dy, { x, scale, ...norm }, x)),
    ...Object.values(core.gateGradient(dy, random(n, 2 * c), random(2 * c))),
    ...Object.values(core.biasedDepthwiseGradient(image, { x: image, bias: scale, weight: random(3, 3, c, 1) })),
  ];
  const hash = createHash('sha256');
  for (const result of results) hash.update(result.dataSync());
  console.log(results.length, hash.digest('hex'));
`;

test('digits of reductions do not depend on the number of threads', () => {
  const outputs = ['1', '2', '5'].map((threads) => {
    const { stdout } = spawnSync(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', REDUCTIONS], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads },
    });
    return stdout;
  });
  expect(outputs[0]).toMatch(/^16 [0-9a-f]{64}\n$/);
  expect(outputs).toEqual([outputs[0], outputs[0], outputs[0]]);
});
