import { parseArgs } from 'node:util';
import { findings } from './findings.mjs';

// `yarn doctor`: reports what is there, what is missing and how to get it. It also runs before the set-up.

const USAGE = `yarn doctor [--json]
  Reports device, driver, libraries and versions, what is missing, and how to get it. Exit code 1 if no training can run.
`;

const { help, json } = options();
if (help) {
  process.stdout.write(USAGE);
} else {
  const all = findings();
  const isReady = all.every(({ state }) => state !== 'broken');
  process.stdout.write(json ? `${JSON.stringify({ ready: isReady, findings: all })}\n` : text(all, isReady));
  process.exitCode = isReady ? 0 : 1;
}

/** Errors: an option that there is not, with exit code 2. */
function options() {
  try {
    return parseArgs({ options: { help: { type: 'boolean' }, json: { type: 'boolean' } } }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function text(all, isReady) {
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.flatMap(({ name, found, state, get }) => [
    `${{ ok: ' ', missing: '-', broken: '!' }[state]} ${name.padEnd(width)}  ${found.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}`,
    ...(get === undefined ? [] : [`${' '.repeat(width + 4)}get it: ${get}`]),
  ]);
  const end = isReady ? 'Ready to train.' : 'No training can run: see the lines that begin with "!".';
  return `${[...lines, '', end].join('\n')}\n`;
}
