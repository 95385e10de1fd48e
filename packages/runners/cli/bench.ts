import { spelled, cacheFolder, UserError } from '@dualprior/core';
import { Option } from 'commander';
import '../catalogue.ts';
import { installPeer } from '../../../tools/setup/peer.mjs';
import { benchCases, leftOut, type Mode } from '../bench/cases.ts';
import { FORMS, askedPeer, type Form } from '../bench/peer.ts';
import { profileText } from '../bench/profile.ts';
import { runBench, type BenchResult } from '../bench/run-bench.ts';
import { sideBySide, sideBySideText, type SideBySide } from '../bench/side-by-side.ts';
import { benchText } from '../bench/text.ts';
import { addDataCommand } from './bench-data.ts';
import { addStagesCommand } from './bench-stages.ts';
import { collect, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  network?: string;
  set: string[];
  size?: string;
  batch: string;
  mode?: Mode;
  rounds: string;
  threads?: string;
  processes?: string;
  device: 'auto' | 'cpu' | 'gpu';
  recompute?: boolean;
  xla?: boolean;
  eager?: boolean;
  profile?: boolean;
  peer?: string | true;
  forms?: string;
  installPeer?: boolean;
  json?: boolean;
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

const program = newCommand('bench')
  .enablePositionalOptions()
  .description('Times training steps and inference of networks; with --peer, compared with plain PyTorch.')
  .option('--network <type>', `one network (default: every one, see \`${spelled('components network')}\`)`)
  .option('--set <option=value>', 'an option of that network, e.g. width=16 (repeatable)', collect, [])
  .option(
    '--size <pixels,...>',
    'sides of the square images (default: 64; for nafnet 64,128); also the `size` of a network that has one',
  )
  .option('--batch <n>', 'images per step', '2')
  .addOption(new Option('--mode <mode>', 'what is timed (default: both)').choices(['train', 'inference']))
  .option('--rounds <n>', 'number of rounds; times are medians over them', '7')
  .addOption(new Option('--device <device>', 'where to compute').choices(['auto', 'cpu', 'gpu']).default('auto'))
  .option('--threads <n>', 'threads of each process (default: one per core)')
  .option('--processes <n>', 'instead: throughput of n single-threaded processes compared with one')
  .option('--recompute', 'recompute blocks for their gradients: less memory (runtime.recompute)')
  .option('--xla', 'compile blocks with XLA (runtime.xla; the default on a GPU)')
  .option('--no-xla', 'do not compile blocks with XLA')
  .option('--profile', 'also show where our compiled step spends its time: by module, by operation, in JavaScript')
  .option('--eager', 'also run our own step operation by operation')
  .option(
    '--peer [python]',
    'also run plain PyTorch (eager and torch.compile, each also channels_last) with this Python',
  )
  .option('--forms <form,...>', `of the peer: ${FORMS.join(', ')} (default: all)`)
  .option(
    '--install-peer',
    'first install PyTorch for the CPU into the per-user cache; --peer without a Python uses it',
  )
  .option('--json', 'print one JSON document on standard output')
  .action((flags: Flags) => runCommand(() => main(flags)));

addDataCommand(program);
addStagesCommand(program);
await parse(program);

async function main(flags: Flags): Promise<void> {
  const cases = benchCases({
    network: flags.network,
    set: flags.set,
    sizes: flags.size?.split(',').map((size) => wholeNumber('--size', size.trim(), 1, 8192)),
    batch: wholeNumber('--batch', flags.batch, 1, 4096),
    ...(flags.mode && { modes: [flags.mode] }),
  });
  if (flags.network === undefined) leftOut().forEach(log);
  const forms = formsOf(flags.forms);
  const rounds = wholeNumber('--rounds', flags.rounds, 1, 1000);
  const threads = flags.threads === undefined ? undefined : wholeNumber('--threads', flags.threads, 1, 1024);
  const python = flags.installPeer ? await installPeer({ cache: cacheFolder(), log }) : undefined;
  if (python !== undefined && flags.peer === undefined) {
    const text = `PyTorch is installed: ${python}\n${spelled('bench --peer')} compares with it.`;
    process.stdout.write(`${flags.json ? JSON.stringify({ python }) : text}\n`);
    return;
  }
  const { peer, notes } = await askedPeer(flags.peer, log);

  if (flags.processes !== undefined) {
    const processes = wholeNumber('--processes', flags.processes, 2, 256);
    const other = (['threads', 'eager', 'profile', 'peer'] as const).find((name) => flags[name] !== undefined);
    if (other) throw new UserError(`--processes is a bench of its own: leave --${other} out.`);
    const { device, recompute = false, xla } = flags;
    const benches: SideBySide[] = [];
    for (const one of cases) {
      benches.push(await sideBySide(one, processes, { device, recompute, xla, rounds, eager: false, log }));
    }
    const text = benches.map(sideBySideText).join('\n');
    process.stdout.write(`${flags.json ? JSON.stringify({ benches }) : text}\n`);
    return;
  }

  const benches: BenchResult[] = [];
  for (const one of cases) {
    const { device, recompute = false, xla, eager = false, profile = false } = flags;
    benches.push(await runBench(one, { device, recompute, xla, threads, rounds, eager, profile, peer, forms, log }));
  }
  const profiles = benches.flatMap((bench) => (bench.profile ? [profileText(bench.name, bench.profile)] : []));
  const text = [[benchText(benches), ...notes].join('\n'), ...profiles].join('\n\n');
  process.stdout.write(`${flags.json ? JSON.stringify({ benches, peer: peer ?? null, notes }) : text}\n`);
}

function formsOf(text: string | undefined): readonly Form[] {
  const forms = (text?.split(',') ?? FORMS) as readonly Form[];
  const unknown = forms.find((form) => !FORMS.includes(form));
  if (unknown === undefined) return forms;
  throw new UserError(`--forms names "${unknown}", but there are only ${FORMS.join(', ')}.`);
}

function wholeNumber(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UserError(`${flag} is ${text}, but must be a whole number from ${minimum} to ${maximum}.`);
}
