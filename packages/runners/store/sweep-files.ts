import { lstatSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { UserError, type TrackedRun } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import writeFileAtomic from 'write-file-atomic';

const Member = Type.Object({
  /** What differs, for display: `no-adversarial · seed 1`; `base`. */
  label: Type.String({ minLength: 1 }),
  /** Path -> value, of what differs from the base. */
  changes: Type.Record(Type.String(), Type.Unknown()),
  seed: Type.Integer(),
});

const SweepFile = Type.Object({
  name: Type.String({ minLength: 1 }),
  /** By the name of the run. */
  members: Type.Record(Type.String(), Member),
});

const MemberFile = Type.Composite([
  Member,
  /** `directory` is relative to the run directory. */
  Type.Object({ sweep: Type.Object({ directory: Type.String(), name: Type.String({ minLength: 1 }) }) }),
]);

/** A run of a sweep. */
type SweepMember = Static<typeof Member>;
/** What the directory of a sweep says of its runs: `sweep.json`. */
type SweepFile = Static<typeof SweepFile>;

/** What a run directory says of the sweep that it is part of. */
export interface Membership extends SweepMember {
  readonly sweep: Omit<TrackedRun, 'sweep'>;
}

/** Larger than that of any sweep. */
const LARGEST = 2 ** 24;

export function writeSweepFile(directory: string, sweep: SweepFile): void {
  write(join(directory, 'sweep.json'), sweep);
}

/** Undefined where the directory is not that of a sweep. */
export function readSweepFile(directory: string): SweepFile | undefined {
  return read(SweepFile, join(directory, 'sweep.json'));
}

/** Notes in a run directory which sweep it is part of. Errors: `UserError` if the sweep has no run of this name. */
export function joinSweep(runDirectory: string, sweepDirectory: string, name: string): void {
  const sweep = readSweepFile(sweepDirectory);
  const member = sweep && Object.hasOwn(sweep.members, name) ? sweep.members[name] : undefined;
  if (!member)
    throw new UserError(`--part-of: ${sweepDirectory} is not the directory of a sweep with a run "${name}".`);
  const directory = relative(resolve(runDirectory), resolve(sweepDirectory));
  write(join(runDirectory, 'variant.json'), { ...member, sweep: { directory, name: sweep!.name } });
}

/** Undefined where a run is part of no sweep, or what it says of that is not valid: it may come from others. */
export function readMembership(runDirectory: string): Membership | undefined {
  const file = read(MemberFile, join(runDirectory, 'variant.json'));
  return file && { ...file, sweep: { ...file.sweep, directory: resolve(runDirectory, file.sweep.directory) } };
}

function write(file: string, value: object): void {
  writeFileAtomic.sync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function read<T extends typeof SweepFile | typeof MemberFile>(schema: T, file: string): Static<T> | undefined {
  try {
    const stats = lstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Value.Check(schema, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
