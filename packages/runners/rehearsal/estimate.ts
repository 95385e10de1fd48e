import type { Console } from '../console/console.ts';
import type { PlannedStage } from '../experiment/plan.ts';
import { rehearsalContainer } from './rehearsal-container.ts';
import { rehearseStage, type RehearsedStage } from './rehearse-stage.ts';
import { loadRehearsal } from './stand-ins.ts';

/** What a stage that is still to train will take on this machine. */
export interface StageEstimate {
  readonly networks: RehearsedStage['networks'];
  /** Of one iteration, regularisers that have their turn only now and then included; validations not. */
  readonly secondsPerIteration: number;
  /** Of what is left to train. */
  readonly seconds: number;
  readonly peakBytes: number | null;
  /** Iterations that were run for it. */
  readonly measured: number;
}

export interface Estimates {
  /** By stages; a stage that need not be trained has none, nor has one that cannot be measured. */
  readonly stages: ReadonlyMap<string, StageEstimate>;
  /** Why a stage could not be measured, and what stood in for what is missing, a line each. */
  readonly remarks: readonly string[];
}

/** In so many iterations every regulariser of the usual intervals has had its turn. */
const CYCLE = 16;
const LIMITS = { iterations: 2 * CYCLE + 1, seconds: 45 };

/** Runs the first iterations of each stage that is not trained yet, with networks of first weights. */
export async function estimate(
  file: string,
  set: readonly string[],
  planned: readonly PlannedStage[],
  { console, signal }: { readonly console: Console; readonly signal: AbortSignal },
): Promise<Estimates> {
  const { experiment, standIns, end } = loadRehearsal(file, set);
  const { container, release } = rehearsalContainer(experiment, console);
  const stages = new Map<string, StageEstimate>();
  const problems: string[] = [];
  for (const { name, action, folder } of planned) {
    if (action === 'reuse') continue;
    console.info(`  measuring ${name}`);
    try {
      const { networks, iterations, seconds, peakBytes } = await rehearseStage(
        name,
        { experiment, container, signal },
        LIMITS,
      );
      const each = secondsPerIteration(seconds);
      const left = iterations - (folder.progress?.iteration ?? 0);
      stages.set(name, {
        networks,
        secondsPerIteration: each,
        seconds: each * left,
        peakBytes,
        measured: seconds.length,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      problems.push(`${name} cannot be measured: ${(error as Error).message}`);
    } finally {
      release();
    }
  }
  end();
  return { stages, remarks: [...standIns, ...problems] };
}

/** The mean of a second cycle, in which nothing is traced any more; of fewer iterations the median without the first. */
export function secondsPerIteration(seconds: readonly number[]): number {
  if (seconds.length > 2 * CYCLE) return seconds.slice(-CYCLE).reduce((sum, each) => sum + each, 0) / CYCLE;
  const later = seconds.length > 1 ? seconds.slice(1) : seconds;
  return [...later].sort((a, b) => a - b)[Math.floor(later.length / 2)]!;
}
