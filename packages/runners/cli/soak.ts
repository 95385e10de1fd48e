import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { Random, UserError } from '@dualprior/core';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { runsFolder } from '../store/places.ts';
import { SOAKS } from '../soak/soaks.ts';
import { describeResult } from '../soak/soak.ts';
import { EXIT, fromUser, newCommand, parse, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';

interface Flags {
  count?: string;
  seed: string;
  output?: string;
  json?: boolean;
}

/** The width that commander takes where it does not know the terminal. */
const WIDTH = 80;

const names = SOAKS.map(({ name }) => name);
const kinds = SOAKS.map(({ name, description, count }) => {
  return hanging(`  ${name.padEnd(8)} `, `${description}${count === undefined ? '' : ` (${count})`}`);
});

const ofParts = SOAKS.flatMap(({ name, parts }) => (parts === undefined ? [] : [`${name}: ${parts}`]));

const program = newCommand('soak')
  .description(`Injects random faults, and keeps a small reproduction of each failure.\n\n${kinds.join('\n')}`)
  .addArgument(new Argument('<kind>', 'what to try').choices(names))
  .argument('[parts...]', `what it is limited to (default: all); ${ofParts.join('; ')}`)
  .option('--count <n>', 'how many to try (default: the number in brackets)')
  .option('--seed <n>', 'seed of the random inputs; the same seed tries the same', '0')
  .option('--output <dir>', 'folder of reproductions (default: runs/soak/KIND-SEED)')
  .option('--json', 'print one JSON document on standard output')
  .action((kind: string, parts: string[], flags: Flags) => runCommand(() => main(kind, parts, flags)));

await parse(program);

async function main(kind: string, parts: readonly string[], flags: Flags): Promise<number> {
  const soak = SOAKS.find(({ name }) => name === kind)!;
  if (parts.length > 0 && soak.parts === undefined) {
    throw new UserError(`\`soak ${kind}\` has no parts, but got ${parts.join(' ')}. Leave that out.`);
  }
  if (flags.count !== undefined && soak.count === undefined) {
    throw new UserError(`\`soak ${kind}\` has no --count: it tries each of its parts once.`);
  }
  const count = wholeNumber('--count', flags.count ?? String(soak.count ?? 1), 1);
  const seed = wholeNumber('--seed', flags.seed, 0);
  const folder = flags.output === undefined ? join(runsFolder(), 'soak', `${kind}-${seed}`) : fromUser(flags.output);
  mkdirSync(folder, { recursive: true });
  if (!soak.resumes && readdirSync(folder).length > 0) {
    throw new UserError(
      `${folder} is not empty: it may hold what an earlier run found. Remove it, or give another --output.`,
    );
  }
  const console = new Console();
  const signal = interruptible(console);
  const bar = soak.count === undefined ? undefined : console.progress(kind, count, 0, 'tried');
  const progress = (done: number) => bar?.update(done, '');
  const result = await soak.run({ count, parts, random: new Random(seed), folder, progress, log: console, signal });
  bar?.stop();
  for (const { message, reproduction } of result.failures) console.warn(`${message}\n  ${reproduction}`);
  const text = describeResult(kind, result);
  process.stdout.write(`${flags.json ? JSON.stringify({ kind, seed, ...result }) : text}\n`);
  if (signal.aborted) return EXIT.interrupted;
  return result.failures.length > 0 ? EXIT.failed : EXIT.done;
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UserError(`${flag} is ${text}, but must be a whole number of at least ${least}.`);
}

/** Text behind a title, its lines below each other. */
function hanging(title: string, text: string): string {
  const lines = [title];
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)}${word}`.length > WIDTH) lines.push(' '.repeat(title.length));
    lines.push(`${lines.pop()}${word} `);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
