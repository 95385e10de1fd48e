import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOf } from '@dualprior/core';
import { Participant } from '../../bench/participant.ts';
import type { Peer } from '../../bench/peer.ts';
import { alternate, withThreads, type BenchOptions, type BenchResult } from '../../bench/run-bench.ts';
import { CHANNELS, experimentOf, type TimedCase } from './cases.ts';

const COUNTERPART = join(import.meta.dirname, '../pytorch/timing.py');

/** After so many iterations every lazy step (R1, path length) has had its turn as often as in any other so many. */
const PERIOD = 16;

type Options = Pick<BenchOptions, 'eager' | 'threads' | 'rounds' | 'log'> & { readonly peer?: Peer | undefined };

/** Times a stage's iterations beside its counterpart in plain PyTorch, on the CPU. Errors: those of `alternate`. */
export async function benchStage(one: TimedCase, { peer, eager, threads, rounds, log }: Options): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-stage-'));
  const file = join(folder, 'experiment.json');
  const env = withThreads(threads);
  const program = programOf(join(import.meta.dirname, 'child.ts'));
  const ours = (name: string, compile: boolean) =>
    new Participant(
      name,
      process.execPath,
      program,
      { ...one, file, folder: join(folder, name), compile },
      { ...env, CUDA_VISIBLE_DEVICES: '-1' },
    );
  const theirs = (python: string) => new Participant('PyTorch eager', python, [COUNTERPART], { case: file }, env);
  try {
    writeFileSync(file, JSON.stringify(experimentOf(one)));
    return await alternate(
      {
        name: `${one.stage} ${one.batch}x${one.size}x${one.size}${one.channels === CHANNELS ? '' : `, ${one.channels} channels`}`,
        images: one.batch,
        ours: ours('dualprior', true),
        ...(eager && { eager: ours('dualprior eager', false) }),
        peers: () => (peer ? [theirs(peer.python)] : []),
        period: PERIOD,
      },
      { rounds, log },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
