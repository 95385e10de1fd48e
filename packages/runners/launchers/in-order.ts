import type { Task, TaskEnd } from './launcher.ts';

/**
 * Does tasks, each after those that it needs, so many at a time, in their order.
 * @param act does one; `slot` is from 0 to `most` - 1, one task at a time has it
 */
export async function inOrder(
  tasks: readonly Task[],
  most: number,
  act: (task: Task, slot: number) => Promise<TaskEnd>,
): Promise<TaskEnd[]> {
  const ends = new Map<string, TaskEnd>();
  const begun = new Set<string>();
  const slots = Array.from({ length: most }, (_, i) => i);
  const running = new Set<Promise<void>>();
  for (;;) {
    const before = begun.size;
    for (const task of tasks) {
      if (begun.has(task.id)) continue;
      const failed = task.needs.find((id) => ends.get(id)?.problem !== undefined);
      if (failed !== undefined) {
        begun.add(task.id);
        const { label } = ends.get(failed)!.task;
        ends.set(task.id, { task, problem: `not begun: ${label} failed`, document: undefined });
      } else if (slots.length > 0 && task.needs.every((id) => ends.has(id))) {
        begun.add(task.id);
        const slot = slots.shift()!;
        const run: Promise<void> = act(task, slot).then((end) => {
          ends.set(task.id, end);
          slots.push(slot);
          slots.sort((a, b) => a - b);
          running.delete(run);
        });
        running.add(run);
      }
    }
    if (ends.size === tasks.length) return tasks.map(({ id }) => ends.get(id)!);
    if (running.size > 0) await Promise.race(running);
    else if (begun.size === before) {
      const left = tasks.filter(({ id }) => !begun.has(id)).map(({ id }) => id);
      throw new Error(`These tasks wait for what is no task: ${left.join(', ')}.`);
    }
  }
}
