import { publishedFile, type PublishedWeights } from '@dualprior/core';
import { aligned } from '../console/aligned.ts';
import { fileSize } from '../console/file-size.ts';

/** What there is to know of published weights, as lines of a table. */
export function publishedTable(
  all: readonly PublishedWeights[],
  isThere: (weights: PublishedWeights) => boolean,
): string[] {
  const rows = all.map((weights) => [
    weights.name,
    isThere(weights) ? 'yes' : 'no',
    weights.size === undefined ? '?' : fileSize(weights.size),
    weights.licence,
    weights.sha256 ? checksumOf(weights.sha256.begins) : '',
    weights.url ?? `by hand: ${weights.page}`,
  ]);
  return aligned([['name', 'there', 'size', 'licence', 'SHA-256', 'from'], ...rows], [2]);
}

/** Which file to get from where, and where to put it. */
export function byHand(weights: PublishedWeights): string {
  const official = weights.url?.split('/').at(-1) ?? weights.file;
  return `Get ${official} from ${weights.url ?? weights.page} and put it at ${publishedFile(weights)}`;
}

function checksumOf(begins: string): string {
  return begins.length <= 8 ? `${begins}...` : `${begins.slice(0, 8)}...`;
}
