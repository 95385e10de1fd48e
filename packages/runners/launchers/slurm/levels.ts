import type { Task } from '../launcher.ts';

/** The maximum number of jobs of an array that Slurm allows by default (MaxArraySize). */
const MOST = 1000;

/** Tasks in levels: each stands behind all that it needs of them. A level that is too large for one array is several. */
export function levelsOf(tasks: readonly Task[]): Task[][] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const levels = new Map<string, number>();
  const levelOf = (task: Task): number => {
    const known = levels.get(task.id);
    if (known !== undefined) return known;
    const needed = task.needs.flatMap((id) => byId.get(id) ?? []);
    const level = Math.max(-1, ...needed.map(levelOf)) + 1;
    levels.set(task.id, level);
    return level;
  };
  const all: Task[][] = [];
  for (const task of tasks) (all[levelOf(task)] ??= []).push(task);
  return all.flatMap((level) => chunks(level));
}

function chunks(level: readonly Task[]): Task[][] {
  const count = Math.ceil(level.length / MOST);
  return Array.from({ length: count }, (_, i) => level.slice(i * MOST, (i + 1) * MOST));
}
