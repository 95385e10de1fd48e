import { existsSync, readFileSync } from 'node:fs';
import type { Dataset } from '@dualprior/blocks';
import type { Container, Experiment } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import { areDrawnAlike } from '../inference/shared-images.ts';
import { dataOf, type DataUse } from '../stages/stage-facts.ts';
import { stages } from '../stages/stage.ts';
import { EqualFiles } from './equal-files.ts';

/** Two data sets that should have no image in common. */
interface Pair {
  /** Names in the experiment. */
  readonly data: string;
  readonly other: string;
  /** What their images are, e.g. `test images`, and `training images`. */
  readonly are: string;
  readonly others: string;
  /** The stages that use the other one. */
  readonly stages: string[];
}

type Named = Pick<DataUse, 'data'>;

/** Images of one data set that the other has too. */
interface Shared {
  readonly count: number;
  readonly of: number;
  /** A file of each. */
  readonly example: readonly [string, string];
}

/** By the identities of both data sets. */
type Known = Record<string, Shared | null>;

/**
 * Says which images are tested on, or choose a checkpoint, although they were trained on, a sentence for each two data sets. Files are compared
 * by their contents, wherever they lie and whatever they are called; what was encoded again is another file. What was found is kept in a
 * file, by the identities of the data sets.
 */
export async function sharedImages(experiment: Experiment, container: Container, file: string): Promise<string[]> {
  const known = read(file);
  const found: Known = {};
  const equal = new EqualFiles();
  const lines: string[] = [];
  for (const pair of pairsOf(experiment)) {
    if (areDrawnAlike(experiment, pair.data, pair.other)) lines.push(drawnLine(pair));
    const names = [pair.data, pair.other];
    const key = names.map((name) => experiment.identity('data', name)).join(' ');
    const [data, other] = names.map((name) => container.get<Dataset>('data', name));
    const shared = key in known ? known[key]! : await compare(data!, other!, equal);
    found[key] = shared;
    if (shared) lines.push(filesLine(pair, shared));
  }
  writeFileAtomic.sync(file, `${JSON.stringify(found, null, 2)}\n`);
  return lines;
}

function pairsOf(experiment: Experiment): Pair[] {
  const pairs = new Map<string, Pair>();
  const add = (stage: string, ones: readonly Named[], are: string, twos: readonly Named[], others: string) => {
    for (const { data } of ones) {
      for (const { data: other } of twos) {
        if (data === other) continue;
        const key = JSON.stringify([data, are, other, others]);
        const pair = pairs.get(key) ?? { data, other, are, others, stages: [] };
        pair.stages.push(stage);
        pairs.set(key, pair);
      }
    }
  };
  const { evaluation } = experiment.config;
  const test = evaluation ? [evaluation] : [];
  for (const [stage, spec] of experiment.entries('stages')) {
    const facts = stages.about(spec);
    const [training, validation] = [dataOf(facts.data), dataOf(facts.validation)];
    add(stage, test, 'test images', training, 'training images');
    add(stage, test, 'test images', validation, 'validation images');
    add(stage, validation, 'validation images', training, 'training images');
  }
  return [...pairs.values()];
}

async function compare(data: Dataset, other: Dataset, equal: EqualFiles): Promise<Shared | null> {
  await Promise.all([data.prepare(), other.prepare()]);
  const files = filesOf(data);
  const found = equal.find(files, files.length > 0 ? filesOf(other) : []);
  const [example] = found;
  return example ? { count: found.size, of: files.length, example } : null;
}

/** The file of each image, each once; none of images that are drawn. */
function filesOf(data: Dataset): string[] {
  if (!Number.isFinite(data.length)) return [];
  const files = Array.from({ length: data.length }, (_, index) => data.file(index));
  return [...new Set(files.filter((file) => file !== undefined))];
}

function filesLine({ data, other, are, others, stages }: Pair, { count, of, example: [file, twin] }: Shared): string {
  const where = file === twin ? file : `${file} is ${twin}`;
  return `${count} of the ${of} ${are} ("${data}") are ${others} of ${stages.join(', ')} ("${other}"), e.g. ${where}.`;
}

function drawnLine({ data, other, are, others, stages }: Pair): string {
  return `The ${are} ("${data}") are drawn as the ${others} of ${stages.join(', ')} ("${other}") are; give one of them another seed.`;
}

/** Nothing where the file is missing or damaged: it is made again. */
function read(file: string): Known {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Known;
  } catch {
    return {};
  }
}
