import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countResults } from './counts.mjs';
import { ROOT } from './setup/places.mjs';
import { compiled } from './start/compiled.mjs';

// All checks: types, lint, format, tests. Ends with `N passed, N failed, N skipped`. `npm test -- FOLDER` runs the tests of a folder only;
// `npm run test:unit [-- FOLDER]` only the unit tests, which are those whose names have no kind, as `NAME.e2e.test.ts` has.

const parameters = process.argv.slice(2);
const isUnit = parameters.includes('--unit');
const patterns = parameters.filter((parameter) => parameter !== '--unit');
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/** Runs programs one after the other; each has its place in the output once it has ended. Returns whether each ended well. */
async function inTurn(programs) {
  const ended = [];
  for (const [label, program, ...parameters] of programs) {
    const child = spawn(bin(program), parameters, { cwd: ROOT, stdio: ['inherit', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(data));
    const code = await new Promise((resolve) => child.on('close', resolve).on('error', resolve));
    process.stdout.write(`\n== ${label}\n${Buffer.concat(said)}`);
    ended.push(code === 0);
  }
  return ended;
}

const folder = mkdtempSync(join(tmpdir(), 'dualprior-test-'));
chmodSync(folder, 0o711); // tests that give up root's rights reach their own folders in it
const report = join(folder, 'jest.json');
const checks = [];

if (patterns.length === 0 && !isUnit) {
  const sideBySide = [
    [['lint', 'eslint', '.']],
    [
      ['types', 'tsc', '--noEmit'],
      ['types of the page', 'tsc', '--noEmit', '-p', 'packages/runners/web/page'],
      ['architecture', 'depcruise', '--config', 'architecture.config.mjs', 'packages'],
      ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
    ],
  ];
  checks.push(...(await Promise.all(sideBySide.map(inTurn))).flat());
}
await compiled().catch(() => {}); // once, before many tests start programs; a mistake in the sources is theirs to report
const cacheDirectory = join(ROOT, 'node_modules', '.cache', 'jest');
const options = ['--json', `--outputFile=${report}`, `--cacheDirectory=${cacheDirectory}`];
if (isUnit) options.push('--testPathIgnorePatterns=/node_modules/', '--testPathIgnorePatterns=\\.\\w+\\.test\\.ts$');
process.stdout.write('\n== tests\n');
const { status } = spawnSync(bin('jest'), [...options, ...patterns], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
    npm_config_user_agent: undefined, // messages name commands as the user typed them
    TMPDIR: folder, // what tests leave goes with it
    CUDA_VISIBLE_DEVICES: process.env.CUDA_VISIBLE_DEVICES ?? '-1', // the CPU, whose numbers are the same every time
  },
});
let jest;
try {
  jest = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  // countResults counts it
}
rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
let { failed, line } = countResults(jest, checks);
if (status !== 0 && failed === 0) ({ failed, line } = countResults(jest, [...checks, false])); // Jest itself failed
process.stdout.write(`\n${line}\n`);
process.exitCode = failed > 0 ? 1 : 0;
