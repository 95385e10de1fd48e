import { Argument, type Command } from 'commander';
import { askedPeer } from '../bench/peer.ts';
import type { BenchResult } from '../bench/run-bench.ts';
import { benchText } from '../bench/text.ts';
import { benchStage } from '../oracles/timing/bench-stage.ts';
import { CHANNELS, STAGES, type TimedStage } from '../oracles/timing/cases.ts';
import { runCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  size: number;
  batch: number;
  channels: number;
  rounds: number;
  threads?: number;
  eager?: boolean;
  peer?: string | true;
  json?: boolean;
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Adds `bench stages [STAGE...]`. */
export function addStagesCommand(program: Command): void {
  program
    .command('stages')
    .description(
      'Times the iterations of training stages; with --peer, compared with their counterparts in plain PyTorch.',
    )
    .addArgument(new Argument('[stage...]', 'types of stages (default: all)').choices(STAGES))
    .option('--size <pixels>', 'side of the images', wholeNumber(32, 1024), 64)
    .option('--batch <n>', 'images per step', wholeNumber(1, 4096), 4)
    .option(
      '--channels <n>',
      'maximum number of channels of StyleGAN2 networks and their encoder',
      wholeNumber(1, 512),
      CHANNELS,
    )
    .option('--rounds <n>', 'number of rounds; times are medians over them', wholeNumber(1, 1000), 5)
    .option('--threads <n>', 'threads of each process (default: one per core)', wholeNumber(1, 1024))
    .option('--eager', 'also run our own steps operation by operation')
    .option('--peer [python]', 'compare with the PyTorch of this Python, or with that of `bench --install-peer`')
    .option('--json', 'print one JSON document on standard output')
    .action((stages: TimedStage[], flags: Flags) => runCommand(() => main(stages, flags)));
}

async function main(
  stages: readonly TimedStage[],
  { size, batch, channels, peer: python, eager = false, json, ...options }: Flags,
): Promise<void> {
  const { peer, notes } = await askedPeer(python, log);
  const benches: BenchResult[] = [];
  for (const stage of stages.length > 0 ? stages : STAGES) {
    benches.push(await benchStage({ stage, size, batch, channels }, { ...options, eager, peer, log }));
  }
  const text = [benchText(benches), ...notes].join('\n');
  process.stdout.write(`${json ? JSON.stringify({ benches, peer: peer ?? null, notes }) : text}\n`);
}
