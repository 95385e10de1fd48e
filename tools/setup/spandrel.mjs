import { join } from 'node:path';
import { PEER_VERSION } from './peer.mjs';
import { installed, installEnvironment } from './python-environment.mjs';

/** The spandrel that loads in tests what `yarn weights export` writes. */
export const SPANDREL_VERSION = '0.4.1';
const TORCHVISION = '0.28.0';
const CPU_INDEX = 'https://download.pytorch.org/whl/cpu';

function spandrelEnvironment(cache) {
  return join(cache, 'spandrel', SPANDREL_VERSION);
}

/** The Python that has spandrel, of a per-user cache, or undefined where it is not installed. */
export function spandrelPython(cache) {
  const environment = spandrelEnvironment(cache);
  return installed(environment) ? join(environment, 'bin', 'python') : undefined;
}

/**
 * Installs spandrel with PyTorch for the CPU in a Python environment of its own in the per-user cache and returns its Python.
 *
 * @param {{cache: string, log?: (line: string) => void}} options
 * @returns {Promise<string>}
 */
export async function installSpandrel({ cache, log = () => {} }) {
  const environment = await installEnvironment({
    environment: spandrelEnvironment(cache),
    name: `spandrel ${SPANDREL_VERSION}`,
    size: '1 GB on the disk',
    log,
    packages: async (pip) => {
      const torch = [`torch==${PEER_VERSION}+cpu`, `torchvision==${TORCHVISION}+cpu`];
      await pip('--retries', '1', '--timeout', '30', '--index-url', CPU_INDEX, ...torch).catch(() =>
        pip(torch[0], `torchvision==${TORCHVISION}`),
      );
      await pip(`spandrel==${SPANDREL_VERSION}`);
    },
  });
  return join(environment, 'bin', 'python');
}
