import { join } from 'node:path';
import { experimentsFolder } from '../store/places.ts';
import { Disturbed } from './kills/disturbed.ts';
import type { Soak, SoakFailure } from './soak.ts';

/** Together they have all types of stages. */
const EXPERIMENTS = ['smoke', 'gan-smoke', 'dual-prior-smoke', 'gfpgan-smoke', 'gpen-smoke'];

/** Runs that are killed at random moments and started again compute what an undisturbed run does. */
export const kills: Soak = killsOf(EXPERIMENTS);

/**
 * @param settings values of `--set` for all experiments
 * @param each kills of a run in each of its stages
 */
export function killsOf(names: readonly string[], settings: readonly string[] = [], each = 2): Soak {
  return {
    name: 'kills',
    description: 'runs killed at random moments and restarted: same results as an undisturbed run',
    count: 200,
    async run({ count, random, folder, progress, signal }) {
      const counts: Record<string, number> = {};
      const failures: SoakFailure[] = [];
      const experiments = names.map(
        (name) => new Disturbed(join(experimentsFolder(), `${name}.yaml`), folder, settings, each),
      );
      let done = 0;
      try {
        for (let round = 0; done < count; round++) {
          const experiment = experiments[round % experiments.length]!;
          const moments = experiment.moments(random.stream('kills', round)).slice(0, count - done);
          const { killed, failure } = await experiment.round(round, moments, signal);
          for (const type of killed) counts[`in ${type}`] = (counts[`in ${type}`] ?? 0) + 1;
          if (failure) failures.push(failure);
          progress((done += moments.length));
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        for (const experiment of experiments) await experiment.end(failures.length > 0);
      }
      return { counts, failures };
    },
  };
}
