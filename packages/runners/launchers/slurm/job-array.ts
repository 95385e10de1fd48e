import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { makeFolder, parseSealedJson, sealedJson, UserError } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { Task } from '../launcher.ts';

const Strings = Type.Array(Type.String());

const Submission = Type.Object({
  /** When it was written, in ms since 1970: later ones count. */
  written: Type.Number(),
  /** The user's working directory: paths of parameters begin there. */
  cwd: Type.String(),
  /** What it asked for, for display: `launcher.memory: 16G`. */
  asked: Type.Record(Type.String(), Type.String()),
  tasks: Type.Array(
    Type.Object({
      id: Type.String({ pattern: '^[\\w.-]+$' }),
      label: Type.String(),
      needs: Strings,
      parameters: Strings,
      leaves: Type.String(),
    }),
  ),
});

const Submitted = Type.Object({ job: Type.String({ pattern: '^\\d+$' }) });

const End = Type.Object({ problem: Type.Optional(Type.String()), document: Type.Unknown() });

/** How a job says that its task has ended: well where there is no problem. */
export type JobEnd = Static<typeof End>;

type Submission = Static<typeof Submission>;

/**
 * A job array on disk, a folder that is named as its jobs are: `array.json` says what its jobs do and is written before it is submitted, `job.json` as
 * what Slurm knows it, and of each of its jobs there is a log `N.log` and, when it has ended by itself, `N.json`. Each file is written once, in one step.
 */
export class JobArray {
  #job: string | undefined;

  private constructor(
    readonly folder: string,
    /** The name of its jobs. */
    readonly name: string,
    readonly submission: Submission,
  ) {}

  /** Writes down what is to be submitted. */
  static write(root: string, name: string, submission: Submission): JobArray {
    const array = new JobArray(join(root, name), name, submission);
    makeFolder(array.folder);
    writeFileAtomic.sync(join(array.folder, 'array.json'), sealedJson(submission));
    return array;
  }

  /** Errors: `UserError` where its file is damaged. */
  static read(root: string, name: string): JobArray {
    const folder = join(root, name);
    return new JobArray(folder, name, read(join(folder, 'array.json'), Submission));
  }

  /**
   * All that were written below a folder, the oldest first. Errors: `UserError` where a file is damaged.
   * @param known by name, those that were read before: they do not change, and are not read again
   */
  static all(root: string, known = new Map<string, JobArray>()): JobArray[] {
    if (!existsSync(root)) return [];
    const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'array.json')));
    const arrays = names.map((name) => {
      const array = known.get(name) ?? JobArray.read(root, name);
      known.set(name, array);
      return array;
    });
    return arrays.sort((a, b) => a.submission.written - b.submission.written);
  }

  get tasks(): readonly Task[] {
    return this.submission.tasks;
  }

  /** Slurm's number of the array; undefined where it is not known to be submitted. */
  get job(): string | undefined {
    const file = join(this.folder, 'job.json');
    return (this.#job ??= existsSync(file) ? read(file, Submitted).job : undefined);
  }

  set job(job: string) {
    writeFileAtomic.sync(join(this.folder, 'job.json'), sealedJson({ job }));
    this.#job = job;
  }

  log(index: number): string {
    return join(this.folder, `${index}.log`);
  }

  endFile(index: number): string {
    return join(this.folder, `${index}.json`);
  }

  /** How a job ended by its own word; undefined where it has said nothing. */
  end(index: number): JobEnd | undefined {
    const file = this.endFile(index);
    return existsSync(file) ? read(file, End) : undefined;
  }

  writeEnd(index: number, end: JobEnd): void {
    writeFileAtomic.sync(this.endFile(index), sealedJson(end));
  }
}

function read<T extends TSchema>(file: string, schema: T): Static<T> {
  try {
    const { value, isSealed } = parseSealedJson(readFileSync(file, 'utf8'));
    if (!isSealed) throw new Error('it has no checksum');
    const wrong = Value.Errors(schema, value).First();
    if (wrong) throw new Error(`${wrong.path.slice(1)} is ${JSON.stringify(wrong.value)}`);
    return value as Static<T>;
  } catch (error) {
    throw new UserError(
      `${file} is damaged: ${(error as Error).message}. Cancel its jobs, if any still run (\`squeue --me\` lists them), and remove that file's folder.`,
    );
  }
}

/** A job and where it is. */
export interface Job {
  readonly array: JobArray;
  readonly index: number;
  readonly task: Task;
}

/** The last job of each task, by the task's id. */
export function lastJobs(arrays: readonly JobArray[]): Map<string, Job> {
  const jobs = arrays.flatMap((array) => array.tasks.map((task, index): Job => ({ array, index, task })));
  return new Map(jobs.map((job) => [job.task.id, job]));
}
