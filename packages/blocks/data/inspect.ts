import { join } from 'node:path';
import sharp from 'sharp';

const AT_ONCE = 16;
const WARNINGS_SHOWN = 10;

/** Up to so many images are decoded wholly before a run, which finds every corrupt one; of larger folders only the headers are read. */
const DECODED = 2000;

interface Findings {
  readonly usable: string[];
  /** A line an image that is skipped; beyond a few, their count. */
  readonly warnings: string[];
}

/** Looks at images before they are used, in order, until `limit` usable ones are found. */
export async function inspect(
  root: string,
  names: readonly string[],
  { minimumSide, limit = Infinity }: { minimumSide: number; limit?: number | undefined },
): Promise<Findings> {
  const usable: string[] = [];
  const problems: string[] = [];
  const wholly = Math.min(names.length, limit) <= DECODED;
  for (let start = 0; start < names.length && usable.length < limit; start += AT_ONCE) {
    const part = names.slice(start, start + AT_ONCE);
    const found = await Promise.all(part.map((name) => problemOf(join(root, name), minimumSide, wholly)));
    part.forEach((name, i) => {
      if (found[i] === undefined) usable.push(name);
      else problems.push(`${join(root, name)} is skipped: ${found[i]}`);
    });
  }
  const more = problems.length - WARNINGS_SHOWN;
  const warnings = problems.slice(0, WARNINGS_SHOWN);
  if (more > 0) warnings.push(`${more} more images of ${root} are skipped`);
  return { usable: usable.slice(0, limit), warnings };
}

async function problemOf(file: string, minimumSide: number, wholly: boolean): Promise<string | undefined> {
  try {
    const image = sharp(file, { failOn: 'truncated' });
    const { width, height } = await image.metadata();
    if (Math.min(width, height) < minimumSide)
      return `it is ${width}x${height}, and ${minimumSide} is the shortest side allowed`;
    if (wholly) await image.raw().toBuffer(); // `stats` misses truncated files now and then
    return undefined;
  } catch (error) {
    return `it cannot be decoded (${firstLine((error as Error).message)})`;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
