/** The name, with a number where it is taken; then it is taken. @param numbered the n-th of a name, n from 2 on */
export function uniqueName(name: string, taken: Set<string>, numbered = (n: number) => `${name} (${n})`): string {
  let own = name;
  for (let n = 2; taken.has(own); n++) own = numbered(n);
  taken.add(own);
  return own;
}
