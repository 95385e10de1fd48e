import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { librariesIn, systemLibraries } from './system-libraries.mjs';

test('are those that Node and the system name', () => {
  const report = process.report.getReport() as unknown as {
    header: { glibcVersionRuntime: string };
    sharedObjects: string[];
  };
  const cxx = report.sharedObjects.find((file) => basename(file).startsWith('libstdc++'))!;
  const file = execFileSync('readlink', ['-f', cxx], { encoding: 'utf8' }).trim();
  const release = /so\.6\.0\.(\d+)$/.exec(file)![1];
  expect(systemLibraries()).toBe(`glibc${report.header.glibcVersionRuntime}-glibcxx3.4.${release}`);
});

test('of other machines are other ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lib rary-'));
  const c = join(folder, 'libc-2.31.so');
  const banner = 'GNU C Library (Ubuntu GLIBC 2.31-0ubuntu9.17) stable release version 2.31.\n';
  writeFileSync(c, Buffer.concat([Buffer.alloc(300_000, 7), Buffer.from(`${banner}Copyright`), Buffer.alloc(1000)]));
  const line = (file: string) => `7f8e3cc1e000-7f8e3cc44000 r--p 00000000 fe:00 339380                     ${file}\n`;
  const cxx = line('/opt/gcc/lib64/libstdc++.so.6.0.28');
  expect(librariesIn(line('/usr/bin/node') + line(c) + cxx)).toBe('glibc2.31-glibcxx3.4.28');
  expect(librariesIn(line(c))).toBe('glibc2.31');
  expect(librariesIn(line('/lib/ld-musl-x86_64.so.1') + cxx)).toBe('glibcxx3.4.28');
  expect(librariesIn(line('/lib/libc.so.6 (deleted)'))).toBe('none');
  expect(librariesIn('')).toBe('none');
});
