import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { UserError, type JournalSource } from '@dualprior/core';
import { parse } from 'yaml';
import { stageJournal } from '../store/stage-journal.ts';
import { readMembership } from '../store/sweep-files.ts';
import type { ModelsOption } from './logged-models.ts';
import { parseAddress, type ServerAddress } from './address.ts';

/** Bytes of an `experiment.yaml`. */
const LARGEST_SETTINGS = 2 ** 24;

/**
 * The journals of a run directory, which may come from others: links in it that lead elsewhere than to a trained stage are not followed.
 * Errors: `UserError` for a folder that is no run directory.
 */
export function runSources(directory: string, log: (line: string) => void): JournalSource[] {
  const own = join(directory, 'journal.jsonl');
  if (!isPlainFile(own)) {
    throw new UserError(
      `${directory} is not a run directory (it has no journal.jsonl). Runs are in runs/ of the checkout, e.g. runs/quickstart-...`,
    );
  }
  const folder = join(directory, 'stages');
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
  const stages = names.flatMap((name): JournalSource[] => {
    const journal = stageJournal(directory, name);
    const trusted =
      existsSync(join(folder, name)) && (isInside(directory, join(folder, name)) || isStage(folder, name));
    if (trusted && isPlainFile(journal.file)) return [journal];
    log(
      existsSync(journal.file)
        ? `Stage ${name} is left out: its link leads to ${realpathSync(join(folder, name))}, which is no trained stage.`
        : `Stage ${name} has no journal: its folder in the store is gone or was never trained in.`,
    );
    return [];
  });
  // The stages of a run of a sweep are on the server once, below the sweep.
  return [{ file: own, at: [] }, ...(readMembership(directory) ? [] : stages)];
}

/** What the run's own copy of the experiment says about tracking. */
interface RunSettings {
  readonly name: string;
  readonly experiment: string | undefined;
  readonly server: ServerAddress | undefined;
  readonly models: ModelsOption;
  readonly systemMetrics: boolean;
}

/** Errors: `UserError` for a copy that cannot be read, or an address that is none. */
export function readRunSettings(directory: string): RunSettings {
  const file = join(directory, 'experiment.yaml');
  const config = Object(readSettings(file)) as Record<string, unknown>;
  const name = typeof config['name'] === 'string' ? config['name'] : basename(directory);
  const { uri, experiment, models, systemMetrics } = mlflowOf(config['tracking']);
  return {
    name,
    experiment: typeof experiment === 'string' ? experiment : undefined,
    models: models === 'files' || models === 'none' ? models : 'reference',
    systemMetrics: systemMetrics !== false,
    // Whoever made the run directory has chosen this server: it is given no credentials, not even those that older versions kept in it.
    server:
      typeof uri === 'string' && uri !== ''
        ? { uri: parseAddress(uri, `${file}, tracking.uri`).uri, anonymous: true }
        : undefined,
  };
}

/** The options of the MLflow tracker, of one or several. */
function mlflowOf(tracking: unknown): Record<string, unknown> {
  const trackers = [tracking].flat().map((each) => Object(each) as Record<string, unknown>);
  return trackers.find(({ type }) => type === 'mlflow') ?? {};
}

function readSettings(file: string): unknown {
  if (!existsSync(file)) return undefined;
  if (!isPlainFile(file) || lstatSync(file).size > LARGEST_SETTINGS) {
    throw new UserError(`${file} is not the copy of an experiment that a run leaves.`);
  }
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** A file of its own, and not a link. */
function isPlainFile(file: string): boolean {
  return existsSync(file) && lstatSync(file).isFile();
}

function isInside(directory: string, path: string): boolean {
  return realpathSync(path).startsWith(realpathSync(directory) + sep);
}

/** A folder of a store: called by the stage's identity, with the stage's record in it. */
function isStage(folder: string, name: string): boolean {
  const real = realpathSync(join(folder, name));
  return /^[0-9a-f]{16}$/.test(basename(real)) && isPlainFile(join(real, 'stage.json'));
}
