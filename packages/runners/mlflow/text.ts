/** The text without what databases and JSON readers stumble over: half surrogate pairs and NUL characters. */
export function cleanText(text: string): string {
  // eslint-disable-next-line no-control-regex -- NUL is what is looked for.
  return text.replace(/[\ud800-\udfff\u0000]/gu, '\ufffd');
}
