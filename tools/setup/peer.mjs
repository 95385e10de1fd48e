import { join } from 'node:path';
import { installed, installEnvironment } from './python-environment.mjs';

/** The PyTorch that `yarn bench` compares with. */
export const PEER_VERSION = '2.13.0';

const CPU_INDEX = 'https://download.pytorch.org/whl/cpu';

/** The Python environment that holds PyTorch in a per-user cache. */
export function peerEnvironment(cache) {
  return join(cache, 'peer', PEER_VERSION);
}

/** The Python of that environment, or undefined where it is not installed. */
export function peerPython(cache) {
  const environment = peerEnvironment(cache);
  return installed(environment) ? join(environment, 'bin', 'python') : undefined;
}

/**
 * Installs PyTorch for the CPU in a Python environment of its own in the per-user cache and returns its Python: from PyTorch's own
 * index, else the CPU build or any other from pip's default index.
 *
 * @param {{cache: string, log?: (line: string) => void}} options
 * @returns {Promise<string>}
 */
export async function installPeer({ cache, log = () => {} }) {
  const name = `PyTorch ${PEER_VERSION}`;
  const environment = await installEnvironment({
    environment: peerEnvironment(cache),
    name,
    size: '1 GB on the disk',
    log,
    packages: async (pip) => {
      const cpu = `torch==${PEER_VERSION}+cpu`;
      try {
        await pip('--retries', '1', '--timeout', '30', '--index-url', CPU_INDEX, cpu);
      } catch {
        log(`${name}: ${CPU_INDEX} does not give it; asking pip's default index`);
        await pip(cpu).catch(() => {
          log(`${name}: no CPU build there; taking the one with CUDA (several GB)`);
          return pip(`torch==${PEER_VERSION}`);
        });
      }
    },
  });
  return join(environment, 'bin', 'python');
}
