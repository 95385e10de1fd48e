import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sourceTags } from './source-tags.ts';

test.each([
  ['https://ann:s3cret@host/x.git', 'https://host/x.git'],
  ['https://ann:p@s3cret@host/x.git', 'https://host/x.git'],
  ['git+ssh://ann:s3cret@host/x@1.git', 'git+ssh://host/x@1.git'],
  ['git@host:x.git', 'git@host:x.git'],
])('the address of the repository holds no credentials: %s', async (remote, shown) => {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  try {
    const git = (...parameters: string[]) => spawnSync('git', ['-C', folder, ...parameters]);
    git('init', '-q');
    writeFileSync(join(folder, 'a.yaml'), '');
    git('add', '.');
    git('-c', 'user.name=x', '-c', 'user.email=x@y', 'commit', '-qm', 'x');
    git('remote', 'add', 'origin', remote);
    expect((await sourceTags(join(folder, 'a.yaml')))['source.git.repoURL']).toBe(shown);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a commit with changes is called dirty, one without not, and files that git does not know do not count', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const file = join(folder, 'a.yaml');
  const dirty = async () => (await sourceTags(file))['source.git.dirty'];
  try {
    writeFileSync(file, 'a: 1');
    expect(await dirty()).toBeUndefined();
    const git = (...parameters: string[]) => spawnSync('git', ['-C', folder, ...parameters]);
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=x', '-c', 'user.email=x@y', 'commit', '-qm', 'x');
    writeFileSync(join(folder, 'new.yaml'), '');
    expect(await dirty()).toBe('false');
    writeFileSync(file, 'a: 2');
    expect(await dirty()).toBe('true');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
