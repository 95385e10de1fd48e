import { constants, existsSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../../packages/core/engine/cache.mjs';
import { kernelModule } from '../../packages/core/engine/gpu/kernel-module.mjs';
import { installBrowser } from './browser.mjs';
import { CUDA_SOURCES, installCudaLibraries } from './cuda-libraries.mjs';
import { compiled } from '../start/compiled.mjs';
import { buildEngine, hasEngine, hasOlderEngine } from './engine.mjs';
import { installLpipsHeads } from './lpips-heads.mjs';
import { installPeer, PEER_VERSION } from './peer.mjs';
import { installMlflow, MLFLOW_VERSION } from './mlflow.mjs';
import { placeProblem, ROOT } from './places.mjs';
import { SetupError } from './process.mjs';
import { checkRequirements } from './requirements.mjs';
import { installSpandrel, SPANDREL_VERSION } from './spandrel.mjs';
import { installTensorboard, TENSORBOARD_VERSION } from './tensorboard.mjs';
import { installPackages } from './yarn.mjs';

const USAGE = `npm run setup [-- OPTIONS]
Installs the packages and TensorFlow's CPU build; with options, also
  --mlflow         MLflow
  --tensorboard    TensorBoard, with which tests read event files
  --browser        headless Chromium, in which tests open the report
  --lpips          the official heads of LPIPS, with which tests compare
  --peer           PyTorch for the CPU (1 GB), for benchmarks and tests
  --spandrel       spandrel (1 GB), with which tests load exported weights
  --gpu            TensorFlow's CUDA build (572 MB), and the CUDA libraries that it needs
  --cuda SOURCE    where those come from: auto (the machine's CUDA 12 or 13 and cuDNN 9 if complete, else wheels), machine, wheels (2.7 GB),
                   or none (leave what is there)
`;
const log = (line) => process.stderr.write(`${line}\n`);

try {
  await setup(readArguments());
} catch (error) {
  log(`\nThe set-up stopped: ${error instanceof SetupError ? error.message : error.stack}`);
  process.exitCode = 1;
}

/** Errors: an option that there is not. */
function readArguments() {
  const options = {
    mlflow: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    lpips: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    spandrel: { type: 'boolean', default: false },
    tensorboard: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    cuda: { type: 'string', default: 'auto' },
    help: { type: 'boolean', default: false },
  };
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit();
    }
    if (!CUDA_SOURCES.includes(values.cuda))
      throw new Error(`--cuda ${values.cuda} is none of ${CUDA_SOURCES.join(', ')}`);
    return values;
  } catch (error) {
    log(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Brings everything that the checkout needs; what is there already is skipped. */
async function setup({ mlflow, browser, lpips, peer, spandrel, tensorboard, gpu, cuda }) {
  const start = performance.now();
  checkNode();
  if (placeProblem()) throw new SetupError(placeProblem());
  const cache = cacheFolder();
  await checkCache(cache);
  if (!existsSync(join(cache, 'engine'))) checkRequirements(); // at once, not after the packages
  const ready = [await installPackages(ROOT, cache, log), await buildEngine(ROOT, cache, log)];
  if (gpu || hasOlderEngine(ROOT, cache, 'cuda')) ready.push(await buildEngine(ROOT, cache, log, undefined, 'cuda'));
  if (gpu) ready.push(await installCudaLibraries({ cache, log, source: cuda }));
  else if (kernelModule() && !hasEngine(ROOT, cache, 'cuda')) {
    log(
      `NVIDIA's driver ${kernelModule()} is here: \`npm run setup -- --gpu\` sets up its GPUs (up to 3.3 GB to download).`,
    );
  }
  if (mlflow) {
    await installMlflow({ cache, log });
    ready.push(`MLflow ${MLFLOW_VERSION}`);
  }
  if (browser) ready.push(await installBrowser({ cache, log }));
  if (lpips) ready.push(await installLpipsHeads({ cache, log }));
  if (peer) {
    await installPeer({ cache, log });
    ready.push(`PyTorch ${PEER_VERSION}`);
  }
  if (spandrel) {
    await installSpandrel({ cache, log });
    ready.push(`spandrel ${SPANDREL_VERSION}`);
  }
  if (tensorboard) {
    await installTensorboard({ cache, log });
    ready.push(`TensorBoard ${TENSORBOARD_VERSION}`);
  }
  await compiled();
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
