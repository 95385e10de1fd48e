import { constants, existsSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../../packages/core/engine/cache.mjs';
import { buildEngine } from './engine.mjs';
import { installMlflow, MLFLOW_VERSION } from './mlflow.mjs';
import { ROOT } from './places.mjs';
import { SetupError } from './process.mjs';
import { checkRequirements } from './requirements.mjs';
import { installPackages } from './yarn.mjs';

const { values } = parseArgs({ options: { mlflow: { type: 'boolean', default: false } } });
const log = (line) => process.stderr.write(`${line}\n`);

try {
  await setup();
} catch (error) {
  log(`\nThe set-up stopped: ${error instanceof SetupError ? error.message : error.stack}`);
  process.exitCode = 1;
}

/** Brings everything that the checkout needs; what is there already is skipped. */
async function setup() {
  const start = performance.now();
  checkNode();
  const cache = cacheFolder();
  await checkCache(cache);
  if (!existsSync(join(cache, 'engine'))) checkRequirements(); // at once, not after the packages
  const ready = [await installPackages(ROOT, cache, log), await buildEngine(ROOT, cache, log)];
  if (values.mlflow) {
    await installMlflow({ cache, log });
    ready.push(`MLflow ${MLFLOW_VERSION}`);
  }
  log(`Set-up: ${ready.join(', ')} ready in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function checkCache(cache) {
  try {
    await makeFolder(cache);
    await access(cache, constants.W_OK);
  } catch (error) {
    throw new SetupError(`the cache folder ${cache} cannot be written (${error.code}). DUALPRIOR_CACHE names another.`);
  }
}

/** Folder by folder: Node's own recursive way never ends where none can be made. */
async function makeFolder(folder) {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  if (!recent) throw new SetupError(`Node 20.19 or newer is needed; this is ${process.version} (${process.execPath}).`);
  if (!existsSync(`${ROOT}/yarn.lock`))
    throw new SetupError(`${ROOT} is not a checkout of dualprior: yarn.lock is missing.`);
}
