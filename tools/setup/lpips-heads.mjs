import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from './once.mjs';
import { run } from './process.mjs';
import { findPython } from './requirements.mjs';
import { verify } from './wheels.mjs';

/** The authors' package, whose wheel carries the trained heads. */
const VERSION = '0.1.4';
const WHEEL = `lpips-${VERSION}-py3-none-any.whl`;
const SHA256 = 'fd537af5828b69d2e6ffc0a397bd506dbc28ca183543617690844c08e102ec5e';

/** The folder of the heads, `v0.0/alex.pth` to `v0.1/squeeze.pth`, in a per-user cache. Undefined where they are not installed. */
export function findLpipsHeads(cache) {
  const folder = join(cache, 'lpips', VERSION);
  return existsSync(folder) ? join(folder, 'lpips', 'weights') : undefined;
}

/** Installs the trained heads of LPIPS, with which the tests compare, unless they are there. */
export async function installLpipsHeads({ cache, log = () => {} }) {
  const name = `LPIPS's heads ${VERSION}`;
  const folder = join(cache, 'lpips', VERSION);
  await once(
    folder,
    () => log(`${name}: another process is installing them; waiting`),
    async (building) => {
      log(`${name}: installing into ${folder} (54 kB, once per user)`);
      const python = findPython('pip');
      const what = ['--no-deps', '--no-cache-dir', '--only-binary=:all:', '--progress-bar', 'off'];
      await run(python, ['-m', 'pip', 'download', ...what, '--dest', building, `lpips==${VERSION}`], {
        advice: `pip could not download lpips==${VERSION}. Is the Python package index reachable from here?`,
      });
      const wheel = join(building, WHEEL);
      await verify(wheel, SHA256);
      await run(python, ['-m', 'zipfile', '--extract', wheel, building], { advice: `${WHEEL} could not be unpacked.` });
      await rm(wheel);
    },
  );
  return name;
}
