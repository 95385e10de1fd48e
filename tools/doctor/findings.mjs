import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../packages/core/engine/cache.mjs';
import { CUDA_LIBRARIES } from '../../packages/core/engine/gpu/cuda-libraries.mjs';
import { kernelModule } from '../../packages/core/engine/gpu/kernel-module.mjs';
import { engineFolder, TENSORFLOW_VERSION } from '../../packages/core/engine/location.mjs';
import { lacksAvx } from '../../packages/core/engine/processor.mjs';
import { systemLibraries } from '../../packages/core/engine/system-libraries.mjs';
import { machineMemory } from '../../packages/core/process/machine-memory.mjs';
import { BROWSER_VERSION, findBrowser } from '../setup/browser.mjs';
import { findLpipsHeads } from '../setup/lpips-heads.mjs';
import { machineCuda } from '../setup/machine-cuda.mjs';
import { MLFLOW_VERSION, mlflowInstalled } from '../setup/mlflow.mjs';
import { PEER_VERSION, peerPython } from '../setup/peer.mjs';
import { ROOT } from '../setup/places.mjs';
import { findPython } from '../setup/requirements.mjs';
import { SPANDREL_VERSION, spandrelPython } from '../setup/spandrel.mjs';
import { TENSORBOARD_VERSION, tensorboardPython } from '../setup/tensorboard.mjs';

const ADDONS = ['tfjs_binding', 'graph', 'memory', 'operations', 'profile', 'standard_error', 'cuda', 'convolve'];
const SETUP = 'npm run setup';

/**
 * What of this machine and of the installation matters, in the order in which it is shown: `{name, found, state, get}`. `state` is `ok`, `missing` (something
 * optional) or `broken` (no training runs without it); `get` is what to do.
 */
export function findings({ root = ROOT, env = process.env, device = askDevice } = {}) {
  const cache = cacheFolder(env);
  return [
    ...ofMachine(),
    ...ofPrograms(root),
    ...ofEngine(root, cache, device),
    ...ofGpu(root, cache, env),
    ...ofOthers(cache),
    ...ofFolders(root, cache, env),
  ];
}

const ok = (name, found) => ({ name, found, state: 'ok' });
/** @param get where there is something to do */
const missing = (name, found, get) => ({ name, found, state: 'missing', get });
const broken = (name, found, get) => ({ name, found, state: 'broken', get });

function ofMachine() {
  const [processor] = cpus();
  const cores = `${availableParallelism()} of ${cpus().length} cores for this process`;
  const share = quota();
  const [all, allowed] = [totalmem(), machineMemory()];
  const limit = allowed < all ? `, ${gib(allowed)} of them for this control group` : '';
  return [
    ok('system', `${process.platform} ${release()} on ${process.arch}, ${systemLibraries()}`),
    lacksAvx()
      ? broken(
          'processor',
          `${processor?.model ?? 'unknown'}, without AVX`,
          'TensorFlow needs AVX: take another machine',
        )
      : ok(
          'processor',
          `${processor?.model ?? 'unknown'}, ${cores}${share ? `, whose control group may use ${share}` : ''}`,
        ),
    ok('memory', `${gib(all)}, ${gib(freemem())} free${limit}`),
  ];
}

/** How many cores' time the control group may use, as cgroups 2 and 1 say it; undefined where all. */
function quota() {
  const version2 = read('/sys/fs/cgroup/cpu.max')?.split(' ');
  const version1 = ['quota', 'period'].map((name) => read(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`));
  const [most, period] = (version2 ?? version1).map(Number);
  return most > 0 && period > 0 ? (most / period).toFixed(1) : undefined;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function ofPrograms(root) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isRecent = major > 20 || (major === 20 && minor >= 19);
  const python = findPython('pip', 'venv', 'ensurepip');
  const pythonVersion = python && said(python, '--version');
  const compiler = said('g++', '--version');
  const hasPackages = ['esbuild', 'tsx', '@tensorflow/tfjs-core', 'sharp'].every((name) =>
    existsSync(join(root, 'node_modules', name)),
  );
  return [
    isRecent ? ok('Node', process.version) : broken('Node', process.version, 'install Node 20.19 or newer'),
    hasPackages ? ok('packages', join(root, 'node_modules')) : broken('packages', 'not installed', SETUP),
    python
      ? ok('Python', `${pythonVersion} (${python})`)
      : missing('Python', 'none of 3.10 or newer', 'apt-get install python3 python3-pip python3-venv'),
    compiler ? ok('compiler', compiler) : missing('compiler', 'no g++', 'apt-get install g++'),
  ];
}

function ofEngine(root, cache, device) {
  const folder = existsSync(join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')) && engineFolder(root, cache);
  if (!folder || !existsSync(folder)) {
    return [broken('engine', `TensorFlow ${TENSORFLOW_VERSION} is not set up for this checkout and machine`, SETUP)];
  }
  const lacking = ADDONS.filter((name) => !existsSync(join(folder, `${name}.node`)));
  if (lacking.length > 0) {
    const again = `remove ${folder} and run \`${SETUP}\``;
    return [broken('engine', `${folder} lacks ${lacking.map((name) => `${name}.node`).join(', ')}`, again)];
  }
  const engine = ok('engine', `${basename(folder)}, ${ADDONS.length} addons`);
  const { description, advice, problem } = device(root);
  if (problem !== undefined) return [engine, broken('device', problem, `remove ${folder} and run \`${SETUP}\``)];
  return [engine, ok('device', description), ...(advice ? [missing('GPU', advice)] : [])];
}

/** What TensorFlow computes on, in a process of its own, since it may end one. */
function askDevice(root) {
  const program = ['start/start.mjs', 'doctor/device.ts'].map((file) => join(root, 'tools', file));
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout);
  const last = stderr.trim().split('\n').slice(-5).join('\n');
  return { problem: `TensorFlow does not load (${signal ?? `exit code ${status}`}): ${last}` };
}

function ofGpu(root, cache, env) {
  const driver = kernelModule();
  if (driver === undefined) return [ok('NVIDIA driver', 'none: this machine computes on the CPU')];
  const gpus = said('nvidia-smi', '-L')?.replaceAll('\n', '; ');
  const visible = env.CUDA_VISIBLE_DEVICES === undefined ? '' : `, CUDA_VISIBLE_DEVICES=${env.CUDA_VISIBLE_DEVICES}`;
  const found = ok('NVIDIA driver', `${driver}: ${gpus ?? '`nvidia-smi` lists no GPU'}${visible}`);
  const folder = engineFolder(root, cache, 'cuda');
  if (!existsSync(folder)) return [found, missing('CUDA build', 'not set up', `${SETUP} -- --gpu`)];
  const machine = machineCuda();
  const places = CUDA_LIBRARIES.filter(({ needed }) => needed).map(({ name, folder: of }) => ({
    name,
    isThere: existsSync(join(folder, 'nvidia', of, 'lib', name)) || !machine.missing?.includes(name),
  }));
  const lacking = places.filter(({ isThere }) => !isThere).map(({ name }) => name);
  return [
    found,
    ok('CUDA build', basename(folder)),
    lacking.length === 0
      ? ok('CUDA libraries', places.map(({ name }) => name).join(', '))
      : missing('CUDA libraries', `not found: ${lacking.join(', ')}`, `${SETUP} -- --gpu --cuda wheels`),
  ];
}

function ofOthers(cache) {
  const optional = (name, isThere, version, flag) =>
    isThere ? ok(name, version) : missing(name, 'not installed', `${SETUP} -- --${flag}`);
  const slurm = said('sbatch', '--version');
  return [
    optional('MLflow', mlflowInstalled(cache), MLFLOW_VERSION, 'mlflow'),
    optional('TensorBoard', tensorboardPython(cache), TENSORBOARD_VERSION, 'tensorboard'),
    optional('LPIPS heads', findLpipsHeads(cache), findLpipsHeads(cache), 'lpips'),
    optional('Chromium', findBrowser(cache), BROWSER_VERSION, 'browser'),
    optional('PyTorch', peerPython(cache), PEER_VERSION, 'peer'),
    optional('spandrel', spandrelPython(cache), SPANDREL_VERSION, 'spandrel'),
    slurm ? ok('Slurm', slurm) : missing('Slurm', 'no sbatch here; only the launcher `slurm` needs it'),
  ];
}

function ofFolders(root, cache, env) {
  const runs = env.DUALPRIOR_HOME || join(root, 'runs');
  const { bavail, bsize } = statfsSync(existing(runs));
  const free = bavail * bsize;
  return [
    existsSync(cache)
      ? ok('cache', `${cache}, ${gib(sizeOf(cache))}`)
      : broken('cache', `${cache} is not there`, SETUP),
    free > 0 && canWrite(existing(runs))
      ? ok('runs', `${runs}, ${gib(free)} free`)
      : broken('runs', `${runs} cannot be written, or the disk is full`, 'set DUALPRIOR_HOME to a folder of yours'),
  ];
}

/** The folder, or the innermost above it that is there. */
function existing(folder) {
  return existsSync(folder) ? folder : existing(join(folder, '..'));
}

function canWrite(folder) {
  return spawnSync('test', ['-w', folder]).status === 0;
}

/** Bytes that a folder takes; a file of several names counts once. */
function sizeOf(folder) {
  const seen = new Set();
  const bytes = readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => {
    if (!entry.isFile()) return 0;
    const file = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    if (!file || seen.has(file.ino)) return 0;
    seen.add(file.ino);
    return file.blocks * 512;
  });
  return bytes.reduce((sum, each) => sum + each, 0);
}

/** The first line that a program writes; undefined where there is none, or it fails. */
function said(program, ...parameters) {
  const { stdout, status } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return parameters.includes('--version') ? stdout.split('\n')[0].trim() : stdout.trim();
}

function gib(bytes) {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
