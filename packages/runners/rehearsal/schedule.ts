/** A piece of work with its time in seconds, after others. */
interface Timed {
  readonly id: string;
  readonly needs: readonly string[];
  readonly seconds: number;
}

/**
 * Seconds until all is done by so many processes, each task after those that it needs, in their order: as launchers do it.
 * @param tasks without circles; what is needed is among them
 */
export function makespan(tasks: readonly Timed[], processes: number): number {
  const ended = new Map<string, number>();
  const waiting = [...tasks];
  const running: { readonly id: string; readonly end: number }[] = [];
  let now = 0;
  while (waiting.length > 0 || running.length > 0) {
    const next = waiting.findIndex(({ needs }) => needs.every((id) => (ended.get(id) ?? Infinity) <= now));
    if (next >= 0 && running.length < processes) {
      const [task] = waiting.splice(next, 1);
      running.push({ id: task!.id, end: now + task!.seconds });
      continue;
    }
    if (running.length === 0) throw new Error('These tasks wait for what is no task.');
    running.sort((a, b) => a.end - b.end);
    const { id, end } = running.shift()!;
    now = end;
    ended.set(id, end);
  }
  return now;
}
