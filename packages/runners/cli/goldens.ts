import { loadEngine } from '@dualprior/core';
import { checkCase, type CaseResult } from '../goldens/check.ts';
import { chosenCases, defaultGoldenFolder } from '../goldens/folder.ts';
import { EXIT, fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  dir?: string;
  json?: boolean;
}

const STATUS = { ok: 'ok', fail: 'FAIL', missing: 'missing' };

const program = newCommand('goldens')
  .description('Checks networks, losses and metrics against reference values from PyTorch.')
  .argument(
    '[case...]',
    'names of cases; nvlabs: all NAME.pkl of NVlabs that have a NAME.reference.npz (default: all of the folder)',
  )
  .option(
    '--dir <dir>',
    'folder of NAME.json and NAME.npz, or NAME.pkl and NAME.reference.npz (default: $DUALPRIOR_SHARED/goldens, else ../shared/goldens, else those of this repository)',
  )
  .option('--json', 'print one JSON document')
  .action((names: string[], flags: Flags) => runCommand(() => main(names, flags)));

await parse(program);

async function main(names: string[], { dir, json }: Flags): Promise<number> {
  const folder = dir === undefined ? defaultGoldenFolder() : fromUser(dir);
  const chosen = chosenCases(folder, names);
  loadEngine('cpu'); // a GPU rounds otherwise than the tolerances allow
  const cases: CaseResult[] = [];
  for (const name of chosen) {
    const result = await checkCase(folder, name);
    if (!json) process.stdout.write(`${line(result, Math.max(...chosen.map(({ length }) => length)))}\n`);
    cases.push(result);
  }
  if (json) process.stdout.write(`${JSON.stringify({ cases: cases.map(withoutProblem) })}\n`);
  return cases.every(({ status }) => status === 'ok') ? EXIT.done : EXIT.failed;
}

/** One line for display: name, status, greatest error, its tensor, its tolerance. */
function line({ name, status, tensor, maxError, tolerance, moves, problem }: CaseResult, width: number): string {
  const start = `${name.padEnd(width)}  ${STATUS[status].padEnd(7)}`;
  if (problem !== undefined) return `${start}  ${problem.replaceAll(/\n\s*/g, '; ')}`;
  const figures = `error ${maxError?.toExponential(2)}  in ${tensor}  tolerance ${tolerance?.toExponential(2)}`;
  if (moves === 0) return `${start}  ${figures}`;
  const tries = status === 'ok' ? `${ordinal(moves)} try` : `${moves} tries`;
  return `${start}  ${figures}  (images moved in their last bits, ${tries})`;
}

/** `1st`, `2nd`, `3rd`, `4th`, ...; as far as 10. */
function ordinal(count: number): string {
  return `${count}${['st', 'nd', 'rd'][count - 1] ?? 'th'}`;
}

function withoutProblem({ name, status, tensor, maxError, tolerance, moves }: CaseResult): Omit<CaseResult, 'problem'> {
  return { name, status, tensor, maxError, tolerance, moves };
}
