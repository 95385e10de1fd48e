/** Strings, and the characters that give JSON its structure. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gsu;

/** A key that an object of this JSON, which is valid, has twice: `JSON.parse` takes the last one silently. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each object; of lists nothing
  let last = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    } else last = token;
  }
  return undefined;
}
