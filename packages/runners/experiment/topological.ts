/** Names so that each comes after those it depends on, otherwise in the given order. The input has no cycles. */
export function topological(names: readonly string[], dependencies: (name: string) => readonly string[]): string[] {
  const order: string[] = [];
  const visit = (name: string) => {
    if (order.includes(name)) return;
    dependencies(name).forEach(visit);
    order.push(name);
  };
  names.forEach(visit);
  return order;
}
