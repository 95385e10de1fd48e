/** `1 stage`, `2 stages`; of a noun with its own plural `counted(2, 'loss', 'losses')`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
