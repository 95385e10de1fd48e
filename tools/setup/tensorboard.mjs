import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, installEnvironment } from './python-environment.mjs';

/** The TensorBoard that reads in tests what the tracker `tensorboard` writes. */
export const TENSORBOARD_VERSION = '2.21.0';

const REQUIREMENTS = fileURLToPath(new URL('tensorboard-requirements.txt', import.meta.url));

function tensorboardEnvironment(cache) {
  return join(cache, 'tensorboard', TENSORBOARD_VERSION);
}

/** The Python that has TensorBoard, of a per-user cache, or undefined where it is not installed. */
export function tensorboardPython(cache) {
  const environment = tensorboardEnvironment(cache);
  return installed(environment) ? join(environment, 'bin', 'python') : undefined;
}

/**
 * Installs TensorBoard in a Python environment of its own in the per-user cache and returns its Python. Nothing is installed but the packages that
 * were tested, as their hashes tell.
 *
 * @param {{cache: string, log?: (line: string) => void}} options
 * @returns {Promise<string>}
 */
export async function installTensorboard({ cache, log = () => {} }) {
  const environment = await installEnvironment({
    environment: tensorboardEnvironment(cache),
    name: `TensorBoard ${TENSORBOARD_VERSION}`,
    size: '180 MB on the disk',
    log,
    advice: 'It is tested with Python 3.10 to 3.14.',
    packages: (pip) => pip('--require-hashes', '--only-binary=:all:', '--requirement', REQUIREMENTS),
  });
  return join(environment, 'bin', 'python');
}
