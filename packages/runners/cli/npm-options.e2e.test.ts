import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { keptByNpm } from './npm-options.ts';

const program = new Command('experiment')
  .argument('<file>')
  .option('--set <key=value>')
  .option('--validate')
  .option('--dry-run')
  .option('--plan')
  .option('--run-dir <dir>')
  .option('--no-wait')
  .option('--json');

/** What npm itself leaves of a command line: the arguments that it passes on, and the environment. */
function throughNpm(...parameters: string[]): { argv: string[]; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'npm-'));
  writeFileSync(
    join(folder, 'show.mjs'),
    'console.log(JSON.stringify({ argv: process.argv.slice(2), env: process.env }));',
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { experiment: 'node show.mjs' } }));
  const out = execFileSync('npm', ['run', '-s', 'experiment', ...parameters], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out) as { argv: string[]; env: NodeJS.ProcessEnv };
}

test.each([
  [['a.yaml', '--validate'], 'npm run -s experiment -- a.yaml --validate'],
  [['a.yaml', '--dry-run', '--json'], 'npm run -s experiment -- a.yaml --dry-run --json'],
  [['a.yaml', '--plan'], 'npm run -s experiment -- a.yaml --plan'],
  [['a.yaml', '--set', 'seed=1'], 'npm run -s experiment -- a.yaml --set seed=1'],
  [['a.yaml', '--run-dir=x y'], "npm run -s experiment -- a.yaml --run-dir 'x y'"],
  [['a.yaml', '--no-wait'], 'npm run -s experiment -- a.yaml --no-wait'],
])(
  'without "--": %j',
  (parameters, right) => {
    const { argv, env } = throughNpm(...parameters);
    expect(keptByNpm(program, argv, env)?.split('\n')[1]?.trim()).toBe(right);
  },
  30_000,
);

test('with "--" npm keeps nothing', () => {
  const { argv, env } = throughNpm('--', 'a.yaml', '--validate', '--set', 'seed=1', '--no-wait', '--json');
  expect(argv).toContain('--validate');
  expect(keptByNpm(program, argv, env)).toBeUndefined();
}, 30_000);

test('yarn keeps nothing', () => {
  expect(
    keptByNpm(program, ['a.yaml'], { npm_config_user_agent: 'yarn/4', npm_config_validate: 'true' }),
  ).toBeUndefined();
});
