import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UserError } from '@dualprior/core';
import { Participant } from './participant.ts';
import { findPeer } from './peer.ts';

describe('a participant', () => {
  const node = (code: string) => new Participant('one', process.execPath, ['-e', code], { what: 'to do' });
  const echo = `
    const lines = require('node:readline').createInterface({ input: process.stdin });
    lines.on('line', (line) => {
      if (line === 'end') { console.log('{"peakBytes": 42, "devicePeakBytes": 43}'); process.exit(); }
      console.log(line.startsWith('go') ? JSON.stringify({ ms: 10 * line.slice(3), cpuMs: 20 * line.slice(3) }) : JSON.stringify({ parameters: 7, given: JSON.parse(line) }));
    });`;

  test('answers line by line', async () => {
    const one = node(echo);
    expect(await one.start()).toEqual({ parameters: 7, given: { what: 'to do' } });
    expect(await one.go(5)).toEqual({ ms: 10, cpuMs: 20 });
    expect(await one.end()).toEqual({ peakBytes: 42, devicePeakBytes: 43 });
  });

  test("that finds a user's mistake tells it as one", async () => {
    const mistaken = node(`console.log('{"mistake": "no such device"}'); process.exit(1)`).start();
    await expect(mistaken).rejects.toThrow(new UserError('no such device'));
    await expect(mistaken).rejects.toBeInstanceOf(UserError);
  });

  test('that fails says how', async () => {
    await expect(node('console.error("no such thing"); process.exit(3)').start()).rejects.toThrow(
      /one ended with code 3:\n {2}no such thing/,
    );
    await expect(node('process.kill(process.pid, "SIGKILL")').start()).rejects.toThrow(/SIGKILL \(out of memory/);
    await expect(new Participant('one', '/no/such/program', [], {}).start()).rejects.toThrow(/one: .*ENOENT/);
  });
});

describe('PyTorch', () => {
  test('that is missing is reported, with what to do', async () => {
    const { peer, notes } = await findPeer('/no/such/python', null);
    expect(peer).toBeUndefined();
    expect(notes.join()).toMatch(
      /No comparison with PyTorch: there is no program "\/no\/such\/python".*--install-peer/,
    );
  });

  test('that a Python lacks or cannot load is reported', async () => {
    const python = join(mkdtempSync(join(tmpdir(), 'python-')), 'python');
    writeFileSync(python, '#!/bin/sh\necho "ModuleNotFoundError: No module named \'torch\'" >&2\nexit 1\n', {
      mode: 0o755,
    });
    expect((await findPeer(python, null)).notes.join()).toMatch(/has no torch\..*--install-peer/);
    writeFileSync(python, '#!/bin/sh\necho "OSError: libfoo.so" >&2\nexit 1\n', { mode: 0o755 });
    expect((await findPeer(python, null)).notes.join()).toMatch(/cannot import torch \(.*libfoo\.so/);
  });

  test('of the per-user cache stands in', async () => {
    const python = join(mkdtempSync(join(tmpdir(), 'python-')), 'python');
    writeFileSync(python, '#!/bin/sh\necho 2.13.0\n', { mode: 0o755 });
    const { peer, notes } = await findPeer('/no/such/python', python);
    expect(peer).toEqual({ python, version: '2.13.0' });
    expect(notes.join()).toMatch(/Taking the one that --install-peer has installed/);
  });
});
