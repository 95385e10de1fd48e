import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function components(...parameters: string[]): Promise<Outcome> {
  const command = [resolve('tools/run.mjs'), 'components', ...parameters];
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1' };
    execFile(process.execPath, command, { env }, (error, out, err) =>
      done({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

describe('yarn components', () => {
  test('lists every kind, and the options of one', async () => {
    const [all, some] = await Promise.all([components(), components('network')]);
    expect(all).toMatchObject({ code: 0, out: expect.stringMatching(/\noptimizer\n[^]* {2}adamw +Adam with/) });
    expect(some).toMatchObject({
      code: 0,
      out: expect.stringMatching(/nafnet {2}NAFNet[^]*an integer from 1 to \d+; default 32/),
    });
  }, 60_000);

  test('--json and --schema print one document', async () => {
    const [json, schema] = await Promise.all([components('dataset', '--json'), components('--schema')]);
    const types = (JSON.parse(json.out) as { components: { type: string }[] }).components.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['avatars', 'celeba-hq', 'ffhq', 'held-out', 'image-folder']));
    expect(JSON.parse(schema.out)).toMatchObject({ definitions: { network: { type: 'object' } } });
  }, 60_000);

  test('an unknown kind is the mistake of the user', async () => {
    const { code, out, err } = await components('netwrk', '--json');
    expect(code).toBe(2);
    expect(err).toContain('did you mean "network"?');
    expect(JSON.parse(out)).toMatchObject({
      errors: [{ found: 'netwrk', allowed: expect.stringContaining('dataset') }],
    });
  }, 60_000);
});
