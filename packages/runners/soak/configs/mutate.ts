import type { Stream } from '@dualprior/core';

/** Texts that have been mistaken for something else, or that are hard to read. */
const NASTY = [
  'null',
  '~',
  '.nan',
  '-.inf',
  '1e999',
  '0x10',
  '007',
  'yes',
  '1_000',
  '"1"',
  '[]',
  '{}',
  '[[[[]]]]',
  '&a [*a]',
  '*nothing',
  '<<',
  '${env:UNSET_BY_ALL}',
  '${env:A:-${env:B:-1}}',
  '$${env:A}',
  '\u00a0',
  '\u200b',
  '\t',
  '\ufeff',
  'x: y: z',
  '- - -',
  '? ',
  '|',
  '>-',
  '!!js/function x',
  '-1',
  '0',
  '99999999999999999999',
  '1e-320',
  '"\\u0000"',
  '/dev/zero',
  '../..',
  'nafnet.nafnet',
  'a'.repeat(3000),
];

type Mutation = (text: string, stream: Stream) => string;

const line = (text: string, stream: Stream) => stream.integer(text.split('\n').length);

function onLine(text: string, stream: Stream, change: (line: string) => string | string[]): string {
  const lines = text.split('\n');
  const i = line(text, stream);
  lines.splice(i, 1, ...[change(lines[i]!)].flat());
  return lines.join('\n');
}

const pick = <T>(items: readonly T[], stream: Stream): T => items[stream.integer(items.length)]!;

/** Small changes to a file, as typing, pasting and bad disks make them. */
const MUTATIONS: readonly Mutation[] = [
  (text, stream) => onLine(text, stream, () => []),
  (text, stream) => onLine(text, stream, (one) => [one, one]),
  (text, stream) => onLine(text, stream, (one) => ` ${one}`),
  (text, stream) => onLine(text, stream, (one) => one.replace(/^ {1,2}/, '')),
  (text, stream) => onLine(text, stream, (one) => one.replace(/:\s.*$/, `: ${pick(NASTY, stream)}`)),
  (text, stream) => onLine(text, stream, (one) => one.replace(/[\w.-]+(?=[,} ]|$)/, pick(NASTY, stream))),
  (text, stream) => onLine(text, stream, (one) => one.replace(/\w+(?=:)/, (key) => withTypo(key, stream))),
  (text, stream) =>
    onLine(text, stream, (one) =>
      one.replace(/[{}[\],:"]/, pick(['', '{', '}', '[', ']', ',', ':', '"', "'"], stream)),
    ),
  (text, stream) => {
    const at = stream.integer(text.length + 1);
    return text.slice(0, at) + pick(NASTY, stream) + text.slice(at);
  },
  (text, stream) => text.slice(0, stream.integer(text.length + 1)),
  (text, stream) => {
    const [from, to] = [line(text, stream), line(text, stream)];
    const lines = text.split('\n');
    [lines[from], lines[to]] = [lines[to]!, lines[from]!];
    return lines.join('\n');
  },
];

function withTypo(word: string, stream: Stream): string {
  const at = stream.integer(word.length);
  return pick(
    [word.slice(0, at) + word.slice(at + 1), `${word.slice(0, at)}x${word.slice(at)}`, word.toUpperCase()],
    stream,
  );
}

/** The text after one to four changes. */
export function mutate(text: string, stream: Stream): string {
  let changed = text;
  for (let left = 1 + stream.integer(4); left > 0; left--) changed = pick(MUTATIONS, stream)(changed, stream);
  return changed;
}
