/** Splits the reference to a network: `STAGE.NAME` or `NAME`. */
export function parseReference(reference: string): { stage: string | undefined; network: string } {
  const dot = reference.indexOf('.');
  return dot < 0
    ? { stage: undefined, network: reference }
    : { stage: reference.slice(0, dot), network: reference.slice(dot + 1) };
}
