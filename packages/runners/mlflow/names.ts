import { createHash } from 'node:crypto';
import { cleanText } from './text.ts';

/** MLflow's limits (`mlflow/utils/validation.py`). */
export const LIMITS = {
  key: 250,
  param: 6000,
  tag: 8000,
  /** What servers before 2.x accept. */
  oldTag: 5000,
  metricsInBatch: 1000,
  paramsInBatch: 100,
  tagsInBatch: 100,
  entitiesInBatch: 1000,
  bytesInBatch: 1_000_000,
  datasetName: 500,
  digest: 36,
} as const;

/**
 * A name that MLflow accepts for a metric, parameter or tag: letters, digits, `_-. /`, a path without empty, `.` and
 * `..` parts, at most 250 characters. What it does not accept becomes `_`; too long a name keeps its beginning and gets
 * a fingerprint, so that different names stay different.
 */
export function mlflowKey(name: string): string {
  const parts = cleanText(name)
    .replace(/[^/\p{L}\p{N}_.\- ]/gu, '_')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '__' : part));
  const key = parts.join('/') || '_';
  if (key.length <= LIMITS.key) return key;
  const fingerprint = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${key.slice(0, LIMITS.key - 13).replace(/[/.]+$/, '')}_${fingerprint}`;
}

/** A key of images: MLflow's page cannot read keys with `/` back, nor `+`, which separates the parts of the file's name. */
export function imageKey(name: string): string {
  return name.replace(/[^A-Za-z0-9_\-. ]/g, '_').slice(0, 100) || '_';
}

/** The path of an artifact without parts that lead elsewhere. */
export function artifactPath(path: string): string {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.join('/') || '_';
}

/** The text, or its beginning with a remark that the rest is missing. Never cuts a character in two. */
export function cutText(
  text: string,
  limit: number,
  remark = ' … (cut: too long for MLflow, whole in the run directory)',
): string {
  if (text.length <= limit) return text;
  return text.slice(0, limit - remark.length).replace(/[\ud800-\udbff]$/, '') + remark;
}
