import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, jest } from '@jest/globals';
import { long } from '../testing/long.ts';

jest.setTimeout(300_000);

const ROOT = resolve(import.meta.dirname, '../../..');
let checkout: string;

/** A checkout of its own, whose code can be edited. */
beforeAll(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
  const copied = ['packages', 'tools', 'experiments', 'package.json', 'tsconfig.json'];
  for (const name of copied) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  const modules = join(checkout, 'node_modules');
  mkdirSync(join(modules, '@dualprior'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@dualprior') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of ['core', 'blocks', 'runners']) {
    symlinkSync(join(checkout, 'packages', name), join(modules, '@dualprior', name));
  }
});

function run(...more: string[]) {
  const program = [join(checkout, 'tools', 'run.mjs'), 'experiment', join(checkout, 'experiments', 'smoke.yaml')];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, '--json', ...more], { encoding: 'utf8' });
  const { stages = [] } = (status === 0 ? JSON.parse(stdout) : {}) as { stages?: { name: string; action: string }[] };
  return { code: status, err: stderr, stages: stages.map(({ name, action }) => `${name} ${action}`) };
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(checkout, 'packages', file);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
}

long(
  'edited code is reported before what it made is reused, and in the report; documentation, reports and commands are not',
  () => {
    expect(run()).toMatchObject({ code: 0, stages: ['nafnet trained', 'hinet trained'] });

    edit('blocks/networks/nafnet.ts', (text) => `// A comment.\n${text}`);
    edit('runners/report/comparison.ts', (text) => `${text}\nexport const more = 1;\n`);
    edit('runners/cli/experiment.ts', (text) =>
      text.replace("'check the file and stop'", "'look at the file and stop'"),
    );
    const documented = run();
    expect(documented).toMatchObject({ code: 0, stages: ['nafnet reused', 'hinet reused'] });
    expect(documented.err).not.toContain('other code');

    edit('blocks/networks/nafnet.ts', (text) => `${text}\nexport const added = 1;\n`);
    const edited = run();
    expect(edited.stages).toEqual(['nafnet reused', 'hinet reused']);
    const nafnet = /Stage nafnet was trained by other code than this run's: 1 part edited since \(network nafnet\)/;
    expect(edited.err).toMatch(nafnet);
    expect(edited.err).toMatch(/It is reused\. If the edits change results, increment `version` .* --retrain nafnet\./);
    expect(edited.err).not.toContain('Stage hinet was');
    expect(edited.err).toMatch(
      /The values of NAFNet were measured by other code .*network nafnet.*\n {2}They are reused\. Remove the folder .*NAFNet to/,
    );
    expect(edited.err).not.toContain('values of HINet');
    const runs = readdirSync(join(checkout, 'runs')).filter((name) => name.startsWith('smoke-'));
    expect(readFileSync(join(checkout, 'runs', runs[0]!, 'table.md'), 'utf8')).toMatch(nafnet);

    const again = run('--retrain', 'nafnet');
    expect(again).toMatchObject({ code: 0, stages: ['nafnet trained', 'hinet reused'] });
    const after = run('--retrain', 'nafnet');
    expect(after).toMatchObject({ code: 0, stages: ['nafnet reused', 'hinet reused'] });
    expect(after.err).toContain('stage nafnet was trained by this code, so it is not trained again');
    expect(after.err).not.toContain('other code');
    expect(run('--retrain', 'nafnett')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "nafnet"?'),
    });
    expect(run('--retrain', 'nafnet', '--validate')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--retrain is for a run'),
    });
  },
);
