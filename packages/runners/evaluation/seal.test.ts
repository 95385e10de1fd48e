import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { damageOf } from './damage.ts';
import { damagedFile, seal } from './seal.ts';

let folder: string;
const file = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seal-'));
  writeFileSync(file('metrics.csv'), 'image,psnr\na.png,20.25\nb.png,21\n');
  writeFileSync(file('values.json'), '{"psnr": 20.625}');
});

test('names the first file that has changed or is gone, as sha256sum does', () => {
  seal(folder, ['metrics.csv', 'values.json']);
  expect(damagedFile(folder)).toBeUndefined();
  const sha256sum = () => spawnSync('sha256sum', ['-c', 'checksums.sha256'], { cwd: folder, encoding: 'utf8' });
  expect(sha256sum()).toMatchObject({ status: 0, stdout: 'metrics.csv: OK\nvalues.json: OK\n' });
  writeFileSync(file('values.json'), '{"psnr": 20.624}');
  expect(damagedFile(folder)).toBe(file('values.json'));
  expect(sha256sum().stdout).toContain('values.json: FAILED');
  rmSync(file('metrics.csv'));
  expect(damageOf(folder, 2)).toBe(`${file('metrics.csv')} is missing.`);
});

test.each(['', 'no list\n'])('a list that is damaged (%j) is named itself', (list) => {
  seal(folder, ['metrics.csv']);
  writeFileSync(file('checksums.sha256'), list);
  expect(damagedFile(folder)).toBe(file('checksums.sha256'));
});

test('what an older version has left has no list: its table must be whole', () => {
  expect(damageOf(folder, 2)).toBeUndefined();
  expect(damageOf(folder, 3)).toBe(`${file('metrics.csv')} is damaged: it has 2 of 3 images.`);
  writeFileSync(file('contributions.csv'), 'image,fid\na.png,1\nc.png,2\n');
  expect(damageOf(folder, 2)).toBe(`${file('contributions.csv')} is damaged: its images are not those of metrics.csv.`);
  writeFileSync(file('metrics.csv'), 'image,psnr\na.png,20.25\nb.p');
  expect(damageOf(folder, 2)).toBe(`${file('metrics.csv')} is damaged: it is cut off.`);
});
