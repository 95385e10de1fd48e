import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requeue } from './commands.ts';

const { PATH } = process.env;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
  process.env['PATH'] = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

/** An scontrol that does this. */
function scontrol(does: string): void {
  const file = join(folder, 'scontrol');
  writeFileSync(file, `#!/bin/sh\n${does}\n`);
  chmodSync(file, 0o755);
}

test.each(['TERM', 'KILL'])('a command that SIG%s ends before it answers says so', async (signal) => {
  scontrol(`kill -${signal} $$`);
  await expect(requeue('7_0')).rejects.toMatchObject({
    message: `scontrol: it was killed by SIG${signal}`,
    wasKilled: true,
  });
});

test.each([
  { does: 'echo "Job is pending execution for job $2" >&2; exit 1', said: 'Job is pending execution for job 7_0' },
  { does: 'exit 3', said: 'it ended with exit code 3' },
])('a command that fails was not killed: $said', async ({ does, said }) => {
  scontrol(does);
  await expect(requeue('7_0')).rejects.toMatchObject({ message: `scontrol: ${said}`, wasKilled: false });
});
