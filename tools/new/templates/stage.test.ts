import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, readWeights, withoutPrefix, type StateDict } from '@dualprior/core';
import { trainStage } from '../../../packages/runners/stages/testing/stage-harness.ts';
import '../../../packages/runners/index.ts';
import './stage.ts';

beforeAll(() => void loadEngine());

const STAGE = '{type: my-stage, network: nafnet, data: train, iterations: 1, batch: {size: 2}}';

test('the first step of Adam moves each weight by the learning rate, against its gradient', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'my-stage-'));
  let first: StateDict = new Map();
  await trainStage('smoke.yaml', 'nafnet', folder, {
    set: [`stages.nafnet=${STAGE}`],
    onBegin: (networks) => {
      first = networks.get('nafnet')!.parameters.stateDict();
    },
  });
  const last = withoutPrefix(readWeights(join(folder, 'last.safetensors')), 'network');
  const moved = [...first].flatMap(([name, { values }]) =>
    [...values].map((value, i) => Math.abs(last.get(name)!.values[i]! - value)),
  );
  // Kingma and Ba (2015): alpha m / (sqrt(v) + epsilon) is alpha times the sign of the gradient at the first step. Behind a factor that begins at 0
  // the gradient is 0, and nothing moves.
  const active = moved.filter((distance) => distance > 1e-4);
  const whole = active.filter((distance) => Math.abs(distance - 1e-3) < 2e-5);
  expect(active.length / moved.length).toBeGreaterThan(0.2);
  expect(whole.length / active.length).toBeGreaterThan(0.95);
  expect(Math.max(...moved)).toBeLessThan(1.02e-3);
});
