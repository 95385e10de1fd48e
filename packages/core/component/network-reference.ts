/** Splits `STAGE.NAME` and `NAME`. */
export function parseNetworkReference(text: string): { stage: string | undefined; network: string } {
  const dot = text.lastIndexOf('.');
  return dot < 0 ? { stage: undefined, network: text } : { stage: text.slice(0, dot), network: text.slice(dot + 1) };
}
