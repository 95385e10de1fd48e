import { existsSync } from 'node:fs';
import { quoted, spelled } from '@dualprior/core';
import type { Command } from 'commander';
import { fromUser } from './command.ts';
import { optionsOf } from './npm-options.ts';

/**
 * What to type instead of a command line as Hydra has it: `FILE --multirun a.b=1,2 +c=3 ~d`. Undefined where nothing of it is Hydra's.
 * @param isFile whether there is such a file
 */
export function fromHydra(
  program: Command,
  argv: readonly string[],
  isFile: (path: string) => boolean = (path) => existsSync(fromUser(path)),
): string | undefined {
  const valued = optionsOf(program).flatMap(({ long, needsValue }) => (needsValue ? [long] : []));
  const found: string[] = [];
  const words: string[] = [];
  let shows = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (['--multirun', '-m'].includes(word)) {
      found.push(word);
    } else if (['--cfg', '-c'].includes(word)) {
      shows = true;
      if (/^(job|hydra|all)$/.test(argv[i + 1] ?? '')) i++;
    } else if (valued.includes(word)) {
      words.push(word, ...argv.slice(i + 1, i + 2));
      i++;
    } else if (isOverride(word) && !isFile(word)) {
      found.push(word);
      words.push(...translated(word));
    } else {
      words.push(word);
    }
  }
  if (found.length === 0 && !shows) return undefined;
  const file = words.some((word, i) => !word.startsWith('-') && !valued.includes(words[i - 1] ?? '')) ? [] : ['FILE'];
  const isComplete = shows || words.some((word) => /^--(set|sweep)$/.test(word));
  const added = [...(isComplete ? [] : ['--sweep', 'PATH=V1,V2']), ...(shows ? ['--validate'] : [])];
  const command = spelled(`experiment ${[...file, ...words, ...added].map(quoted).join(' ')}`);
  return shows ? `${SHOWN}\n  ${command}` : `${found.join(' ')} is Hydra's syntax. ${SET}\n  ${command}`;
}

const SET = 'Here, --set sets a value and --sweep tries several:';
const SHOWN =
  "--cfg is Hydra's. Here, a run writes its whole configuration, with all defaults, to experiment.yaml in its run directory when it starts. " +
  'To check a file without a run:';

/** `a.b=1`, `+a.b=1`, `++a=1`, `~a` */
function isOverride(word: string): boolean {
  return /^(\+{0,2}[\w./@]+=|~[\w./@]+)/.test(word);
}

function translated(word: string): string[] {
  const [, path, equals, text = ''] = /^[+~]*([^=]+)(=?)(.*)$/s.exec(word)!;
  if (word.startsWith('~') || equals === '') return ['--set', `${path}=`];
  const values = valuesOf(text);
  if (path === 'seed' && values.includes(',')) return ['--set', `seeds=[${values}]`];
  if (!isList(values)) return ['--set', `${path}=${values}`];
  return ['--sweep', `${path}=${/^[[{]/.test(values) ? `[${values}]` : values}`]; // a value that is a list itself stands in one
}

/** Whether there is a comma outside of brackets and quotes. */
function isList(text: string): boolean {
  return text.replaceAll(/\[[^\]]*\]|\{[^}]*\}|"[^"]*"|'[^']*'/g, '').includes(',');
}

/** Hydra's `choice(1,2)` and `range(0,3)` as a list of values. */
function valuesOf(text: string): string {
  const choice = /^choice\((.*)\)$/s.exec(text);
  if (choice) return choice[1]!;
  const range = /^range\((-?\d+),\s*(-?\d+)(?:,\s*(\d+))?\)$/.exec(text);
  if (!range) return text;
  const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
  const count = Math.ceil((to - from) / step);
  return count > 0 && count <= 100 ? Array.from({ length: count }, (_, i) => from + i * step).join(',') : text;
}
