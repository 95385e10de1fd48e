import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { describeOwner, makeFolder, spelled, takeLock, UserError, type Experiment } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import { differences } from './differences.ts';

/** The folder of one run: what was asked (`experiment.yaml`), what came out, and links to the trained stages. */
export class RunDirectory {
  private constructor(readonly path: string) {}

  /**
   * Opens the directory of a run, or begins it.
   * Errors: it cannot be written; it belongs to a run of another configuration.
   */
  static open(path: string, experiment: Experiment): RunDirectory {
    const directory = new RunDirectory(resolve(path));
    directory.#make();
    directory.#claim(experiment);
    return directory;
  }

  /**
   * Keeps others from working in it until the function returned is called. A lock whose process is gone is taken over.
   * Errors: another process works in it.
   */
  lock(): () => void {
    const lock = takeLock(this.file('lock'));
    if ('release' in lock) return lock.release;
    throw new UserError(
      `The run ${this.path} is in use by ${describeOwner(lock.owner)}. Wait until that has ended, or give another --run-dir.`,
    );
  }

  get journal(): string {
    return join(this.path, 'journal.jsonl');
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  write(name: string, content: string | Buffer): string {
    const file = this.file(name);
    makeFolder(dirname(file));
    writeFileAtomic.sync(file, content);
    return file;
  }

  /**
   * Writes what was asked: also where it differs from the first time in what changes no result.
   * @param store of its stages, which a run of the copy uses as well
   */
  keep(experiment: Experiment, store?: string): void {
    this.write('experiment.yaml', experiment.toYaml(store));
  }

  /** Points `stages/NAME` at a folder of the store. */
  linkStage(name: string, folder: string): void {
    const link = this.file('stages', name);
    makeFolder(dirname(link));
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), folder), link);
  }

  #make(): void {
    try {
      makeFolder(this.path);
      writeFileAtomic.sync(this.file('.writable'), '');
      rmSync(this.file('.writable'));
    } catch (error) {
      throw new UserError(`The run directory ${this.path} cannot be written: ${(error as Error).message}`);
    }
  }

  #claim(experiment: Experiment): void {
    const file = this.file('experiment.yaml');
    if (existsSync(file) && existsSync(this.file('hash'))) {
      if (readFileSync(this.file('hash'), 'utf8').trim() === experiment.hash) return;
      const { store: _there, ...before } = readConfig(file);
      const { store: _here, ...now } = experiment.config;
      const changes = differences(before, now);
      if (changes.length > 0) {
        throw new UserError(
          `The run directory ${this.path} belongs to another configuration:\n` +
            changes.map((change) => `  ${change}`).join('\n') +
            '\n  Give another --run-dir, or leave it out: the default is a directory for each configuration.',
        );
      }
    }
    this.keep(experiment);
    this.write('hash', `${experiment.hash}\n`);
  }
}

/** Name of the directory of a run, unless its user names another. */
export function runName({ name, hash }: Experiment): string {
  return `${name}-${hash}`;
}

/** The experiment of a run directory. Errors: `UserError` if it is none. */
export function experimentFile(run: string): string {
  const file = join(run, 'experiment.yaml');
  if (!existsSync(file)) {
    throw new UserError(
      `${run} is not a run directory (it has no experiment.yaml). \`${spelled('runs')}\` lists the run directories.`,
    );
  }
  return file;
}

/** The configuration that a run was asked for, as `experiment.yaml` has it. Errors: `UserError` if it is damaged. */
export function readConfig(file: string): Readonly<Record<string, unknown>> {
  try {
    const config: unknown = parse(readFileSync(file, 'utf8'));
    if (typeof config !== 'object' || config === null) throw new Error('it is no map');
    return config as Record<string, unknown>;
  } catch (error) {
    throw new UserError(
      `${file} is damaged: ${(error as Error).message}. Give another --run-dir, or remove that folder: it is not known what it belongs to.`,
    );
  }
}
