import { join } from 'node:path';
import { programOf, type Device } from '@dualprior/core';
import type { Runtime } from '../stages/runtime.ts';
import type { BenchCase } from './cases.ts';
import { watchOtherLoad } from './other-load.ts';
import { Participant, type Peak, type Ready, type Turn } from './participant.ts';
import type { Profile } from './profile.ts';
import { FORMS, formName, peerProgram, type Form, type Peer } from './peer.ts';

export interface BenchOptions {
  readonly device: 'auto' | Device;
  /** How often each process has its turn. */
  readonly rounds: number;
  /** Threads of each process; as many as there are cores by default. */
  readonly threads?: number | undefined;
  readonly recompute?: boolean;
  readonly xla?: boolean | undefined;
  /** Whether our own step is also timed operation by operation. */
  readonly eager: boolean;
  /** Whether to look where our compiled step spends its time. */
  readonly profile?: boolean;
  readonly peer?: Peer | undefined;
  /** The forms of the peer to run; all by default. */
  readonly forms?: readonly Form[];
  readonly log: (line: string) => void;
}

/** What a process took that did this only, memory included. */
export interface Timing extends Peak {
  readonly name: string;
  /** Peak resident memory before it had a network, in bytes; null where the system does not tell. */
  readonly startBytes: number | null;
  /** Median over the rounds of the milliseconds per step. */
  readonly ms: number;
  /** Median of the processor time per step, of all threads together. With one thread a busy machine hardly changes it. */
  readonly cpuMs: number;
}

export interface BenchResult extends Timing {
  readonly imagesPerSecond: number;
  /** Seconds of the first step: tracing and its first run. */
  readonly traceSeconds: number;
  readonly parameters: number;
  /** Our own step, operation by operation. */
  readonly eager: Timing | null;
  readonly peers: readonly Timing[];
  /** `ms` over that of PyTorch eager, and over that of the fastest peer; null without them. */
  readonly ratio: number | null;
  readonly ratioToBest: number | null;
  /** `cpuMs` over that of PyTorch eager. */
  readonly cpuRatio: number | null;
  /** `peakBytes` over that of PyTorch eager. */
  readonly memoryRatio: number | null;
  /** The same, above `startBytes` on both sides. */
  readonly memoryAboveStartRatio: number | null;
  /** `devicePeakBytes` over that of PyTorch eager. */
  readonly deviceMemoryRatio: number | null;
  /** What other processes of the machine used meanwhile, in cores; times are comparable only where it is near zero. */
  readonly otherLoad: number | null;
  readonly profile?: Profile;
}

/** A turn lasts about this long, in ms, so that the clock and one disturbance matter little. */
export const TURN = 1000;

interface Runner {
  readonly participant: Participant;
  readonly ready: Ready;
  readonly steps: number;
  readonly turns: Turn[];
}

/** Times one case of a network. Errors: those of `alternate`. */
export function runBench(one: BenchCase, options: BenchOptions): Promise<BenchResult> {
  return alternate(
    {
      name: one.name,
      images: one.shape[0],
      ours: ourProcess('dualprior', one, options, true),
      ...(options.eager && { eager: ourProcess('dualprior eager', one, options, false) }),
      peers: (device) => peerProcesses(one, device, options),
    },
    options,
  );
}

/** Processes that do the same. */
interface Contest {
  readonly name: string;
  /** Images of a step. */
  readonly images: number;
  readonly ours: Participant;
  /** Our own step, operation by operation. */
  readonly eager?: Participant;
  readonly peers: (device: Device) => readonly Participant[];
  /** A turn is a multiple of so many steps; 1 by default. */
  readonly period?: number;
}

/**
 * Times them: every process warms up, then all take turns, each round begun by another one. Errors: our own process
 * fails; a peer that fails is left out and reported.
 */
export async function alternate(
  one: Contest,
  options: Pick<BenchOptions, 'rounds' | 'profile' | 'log'>,
): Promise<BenchResult> {
  const { period = 1 } = one;
  const started: Participant[] = [];
  try {
    const begin = async (participant: Participant): Promise<Runner> => {
      started.push(participant);
      options.log(`${one.name}: warming up ${participant.name}`);
      const ready = await participant.start();
      const steps = period * Math.min(1000, Math.max(1, Math.round(TURN / ready.stepMs / period)));
      return { participant, ready, steps, turns: [] };
    };
    const ours = await begin(one.ours);
    const eager = one.eager && (await begin(one.eager));
    const peers: Runner[] = [];
    for (const participant of one.peers(ours.ready.device)) {
      try {
        const peer = await begin(participant);
        checkCounterpart(ours.ready, peer);
        peers.push(peer);
      } catch (error) {
        participant.kill();
        options.log(`${one.name}: left out, as it fails: ${(error as Error).message}`);
      }
    }
    const runners = eager ? [ours, eager, ...peers] : [ours, ...peers];
    const load = watchOtherLoad(runners.map(({ participant }) => participant.pid));
    await takeTurns(runners, options.rounds, (round) =>
      options.log(`${one.name}: round ${round} of ${options.rounds}`),
    );
    const otherLoad = load();
    const profile = options.profile ? { profile: await ours.participant.profile(Math.min(ours.steps, 10)) } : {};
    const timings: Timing[] = [];
    for (const peer of peers) timings.push(await timing(peer));
    const own = { ours: await timing(ours), eager: eager ? await timing(eager) : null };
    return { ...result(one, ours.ready, own, timings), otherLoad, ...profile };
  } finally {
    for (const participant of started) participant.kill();
  }
}

async function takeTurns(runners: readonly Runner[], rounds: number, told: (round: number) => void): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    told(round + 1);
    for (let i = 0; i < runners.length; i++) {
      const { participant, steps, turns } = runners[(round + i) % runners.length]!;
      turns.push(await participant.go(steps));
    }
  }
}

async function timing({ participant, ready: { startBytes }, turns }: Runner): Promise<Timing> {
  const [ms, cpuMs] = [median(turns.map((turn) => turn.ms)), median(turns.map((turn) => turn.cpuMs))];
  return { name: participant.name, ms, cpuMs, startBytes, ...(await participant.end()) };
}

function result(
  one: Contest,
  { firstMs, parameters }: Ready,
  { ours, eager }: { ours: Timing; eager: Timing | null },
  peers: readonly Timing[],
): Omit<BenchResult, 'otherLoad' | 'profile'> {
  const { ms, cpuMs, startBytes, peakBytes, devicePeakBytes } = ours;
  const stock = peers.find(({ name }) => name === formName('eager'));
  const best = peers.length > 0 ? Math.min(...peers.map((peer) => peer.ms)) : null;
  return {
    name: one.name,
    ms,
    cpuMs,
    startBytes,
    imagesPerSecond: (1000 * one.images) / ms,
    peakBytes,
    devicePeakBytes,
    traceSeconds: firstMs / 1000,
    parameters,
    eager,
    peers,
    ratio: stock ? ms / stock.ms : null,
    ratioToBest: best === null ? null : ms / best,
    cpuRatio: stock ? cpuMs / stock.cpuMs : null,
    memoryRatio: over(peakBytes, stock?.peakBytes),
    memoryAboveStartRatio: over(aboveStart(ours), stock && aboveStart(stock)),
    deviceMemoryRatio: over(devicePeakBytes, stock?.devicePeakBytes),
  };
}

/** The memory that networks and steps take, in bytes. */
export function aboveStart({ startBytes, peakBytes }: Pick<Timing, 'startBytes' | 'peakBytes'>): number | null {
  return startBytes === null || peakBytes === null ? null : peakBytes - startBytes;
}

function over(ours: number | null, theirs: number | null | undefined): number | null {
  return ours && theirs ? ours / theirs : null;
}

/** Errors: the peer's network is another one than ours. */
function checkCounterpart(ours: Ready, { participant, ready }: Runner): void {
  if (ready.parameters === ours.parameters) return;
  throw new Error(
    `${participant.name} has ${ready.parameters} parameters, ours ${ours.parameters}: they are not one network.`,
  );
}

/** A process that does one case. */
export function ourProcess(
  name: string,
  one: BenchCase,
  { device, recompute = false, xla, threads }: BenchOptions,
  compile: boolean,
): Participant {
  const runtime: Runtime = compile ? { compile, recompute, xla } : { compile, recompute: false };
  const program = join(import.meta.dirname, 'child.ts');
  return new Participant(name, process.execPath, programOf(program), { ...one, device, runtime }, withThreads(threads));
}

function peerProcesses(
  one: BenchCase,
  device: Device,
  { peer, forms = FORMS, threads, log }: BenchOptions,
): Participant[] {
  if (!peer) return [];
  const program = peerProgram(one.network.type);
  if (program === undefined) {
    log(`${one.name}: no PyTorch counterpart of "${one.network.type}" is written (packages/runners/bench/peer)`);
    return [];
  }
  return forms.map(
    (form) => new Participant(formName(form), peer.python, [program], { ...one, device, form }, withThreads(threads)),
  );
}

export function withThreads(threads: number | undefined): NodeJS.ProcessEnv {
  if (threads === undefined) return process.env;
  const count = String(threads);
  return { ...process.env, OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
