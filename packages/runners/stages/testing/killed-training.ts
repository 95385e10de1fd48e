import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { loadEngine, Journal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Console } from '../../console/console.ts';
import type { StageContext } from '../stage.ts';
import { trainingLoop } from '../training/training-loop.ts';
import { TrainingState } from '../../store/training-state.ts';
import { writeResult } from '../../store/result-file.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';

// Trains two variables for eight iterations and kills itself before the n-th call that writes a file. Its arguments: the folder and n; it
// prints how many such calls there were.

const WRITING = ['openSync', 'writeSync', 'fsyncSync', 'linkSync', 'renameSync', 'rmSync', 'ftruncateSync'] as const;

const [folder, last] = process.argv.slice(2) as [string, string];
loadEngine();
const weight = tf.variable(tf.tensor1d([1, 2, 3]));
const moment = tf.variable(tf.zeros<tf.Rank.R1>([40]));
const silent = { info: () => {}, warn: () => {}, progress: () => ({ update: () => {}, stop: () => {} }) };
const context: Pick<StageContext, 'name' | 'folder' | 'console' | 'signal' | 'openJournal' | 'unreadable'> = {
  name: 'killed',
  folder,
  console: silent as unknown as Console,
  signal: new AbortController().signal,
  unreadable: new UnreadableImages(silent),
  openJournal: (position) => Journal.open(join(folder, 'journal.jsonl'), { position }),
};

let calls = 0;
for (const name of WRITING) {
  const call = fs[name] as (...values: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...values: unknown[]) => {
      calls++;
      if (calls === Number(last)) process.kill(process.pid, 'SIGKILL');
      return call(...values);
    },
  });
}
syncBuiltinESMExports();

await trainingLoop(
  {
    iterations: 8,
    state: new TrainingState(
      folder,
      new Map([
        ['weight', weight],
        ['moment', moment],
      ]),
    ),
    step: async (iteration) => {
      tf.tidy(() => {
        moment.assign(tf.add(tf.mul(moment, 0.7), iteration));
        weight.assign(tf.sub(weight, tf.mul(0.01, tf.slice(moment, [0], [3]))));
      });
      return { losses: { loss: weight.dataSync()[0]! }, rates: {} };
    },
    validations: [
      {
        every: 3,
        ranking: { better: 'higher', describe: String },
        begin: async () => {},
        run: async (done, journal) => {
          const value = weight.dataSync()[1]! * (done === 6 ? 2 : 1);
          journal.metric('score', value, done);
          return value;
        },
      },
    ],
    export: (file) => {
      const state = new Map([['weight', { shape: [3], values: weight.dataSync<'float32'>() }]]);
      writeResult(join(folder, `${file}.safetensors`), [{ role: 'network', state }]);
    },
    saveEvery: 2,
    logEvery: 3,
  },
  context as StageContext,
);
process.stdout.write(String(calls));
