import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { spelled, cacheFolder } from '@dualprior/core';
import { peerPython, PEER_VERSION } from '../../../tools/setup/peer.mjs';

const FOLDER = join(import.meta.dirname, 'peer');

/** Ways of running plain PyTorch, as `main.py` knows them. The first is what ratios to "eager" mean. */
export const FORMS = ['eager', 'channels_last', 'compile', 'compile+channels_last'] as const;
export type Form = (typeof FORMS)[number];

const NAMES: Readonly<Record<Form, string>> = {
  eager: 'PyTorch eager',
  channels_last: 'PyTorch channels_last',
  compile: 'torch.compile',
  'compile+channels_last': 'torch.compile channels_last',
};

export interface Peer {
  readonly python: string;
  /** The version of PyTorch. */
  readonly version: string;
}

/** Name for display of a form. */
export function formName(form: Form): string {
  return NAMES[form];
}

/** The program that benches a network, or undefined where no counterpart of it is written. */
export function peerProgram(type: string): string | undefined {
  return existsSync(join(FOLDER, `${type}.py`)) ? join(FOLDER, 'main.py') : undefined;
}

/**
 * The PyTorch to compare with: that of the given Python, else the one in the per-user cache. `notes` say what was not as asked for;
 * where there is none, `peer` is missing and they say how to get it.
 */
export async function findPeer(
  python: string,
  installed: string | null = peerPython(cacheFolder()) ?? null,
): Promise<{ peer?: Peer; notes: string[] }> {
  const found = await torchVersion(python);
  if ('version' in found) return { peer: { python, version: found.version }, notes: [] };
  if (installed !== null && installed !== python) {
    const ours = await torchVersion(installed);
    const note = `${found.problem} Taking the one that --install-peer has installed: ${installed}`;
    if ('version' in ours) return { peer: { python: installed, version: ours.version }, notes: [note] };
  }
  const advice = `${spelled('bench --install-peer')} installs PyTorch ${PEER_VERSION} for the CPU in the per-user cache.`;
  return { notes: [`No comparison with PyTorch: ${found.problem} ${advice}`] };
}

/** The PyTorch that `--peer` asks for: none if it is absent, without a value the installed one. Its notes and version are logged. */
export async function askedPeer(
  flag: string | true | undefined,
  log: (line: string) => void,
): Promise<{ peer?: Peer; notes: string[] }> {
  if (flag === undefined) return { notes: [] };
  const { peer, notes } = await findPeer(flag === true ? (peerPython(cacheFolder()) ?? 'python3') : flag);
  notes.forEach(log);
  if (peer) log(`PyTorch ${peer.version} (${peer.python})`);
  return { ...(peer && { peer }), notes };
}

async function torchVersion(python: string): Promise<{ version: string } | { problem: string }> {
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', 'import torch; print(torch.__version__)']);
    return { version: stdout.trim() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problem: `there is no program "${python}".` };
    if (message.includes("No module named 'torch'")) return { problem: `"${python}" has no torch.` };
    return { problem: `"${python}" cannot import torch (${message.trim().split('\n').at(-1)}).` };
  }
}
