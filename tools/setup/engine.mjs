import { existsSync, readdirSync } from 'node:fs';
import { link, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  COMPILER_FLAGS,
  engineFolder,
  NATIVE,
  OPERATION_FLAGS,
  TENSORFLOW_VERSION,
  WARNINGS,
} from '../../packages/core/engine/location.mjs';
import { lacksAvx } from '../../packages/core/engine/processor.mjs';
import { systemLibraries } from '../../packages/core/engine/system-libraries.mjs';
import { CUDA_FOLDER } from './cuda-libraries.mjs';
import { once } from './once.mjs';
import { run, SetupError } from './process.mjs';
import { checkRequirements } from './requirements.mjs';
import { TENSORFLOW, unpackedWheel } from './wheels.mjs';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const NAMES = { cpu: `engine (TensorFlow ${TENSORFLOW_VERSION})`, cuda: 'engine for GPUs' };

/**
 * Builds an engine in the per-user cache: TensorFlow's two libraries from its wheel for `cpu` or `cuda`, and the addon of
 * `@tensorflow/tfjs-node-gpu` and our own compiled against them. Returns its name for display.
 */
export async function buildEngine(root, cache, log, build = compile, kind = 'cpu') {
  const folder = engineFolder(root, cache, kind);
  const waiting = () => log('Engine: another process is building it; waiting');
  if (await once(folder, waiting, (building) => build(root, building, log, { cache, kind }))) {
    log(`Engine: built in ${folder}`);
  }
  return NAMES[kind];
}

/** Whether the engine of a kind is built for this state of the checkout. */
export function hasEngine(root, cache, kind) {
  return existsSync(engineFolder(root, cache, kind));
}

/** Whether there are engines of a kind, but for another state of the checkout: then this one is wanted as well. */
export function hasOlderEngine(root, cache, kind) {
  const engines = join(cache, 'engine');
  const older = (name) => name.startsWith(`tensorflow-${kind}-`) && !/\.(lock|building-\d+)/.test(name);
  return !hasEngine(root, cache, kind) && existsSync(engines) && readdirSync(engines).some(older);
}

/**
 * Compiles an engine into a folder; TensorFlow comes from `cache`.
 * @param flags of the compiler, beside the usual ones
 */
export async function compile(root, folder, log, { cache, kind, flags = [] }) {
  const wheel = TENSORFLOW[kind];
  checkMachine(wheel);
  checkRequirements();
  const tensorflow = join(await unpackedWheel(wheel, cache, log), 'tensorflow');
  const libraries = join(folder, 'tensorflow');
  await mkdir(libraries);
  for (const library of LIBRARIES) await link(join(tensorflow, library), join(libraries, library));
  // TensorFlow looks for CUDA's libraries in `../nvidia/*/lib` beside its own.
  if (kind === 'cuda') await symlink(join('..', CUDA_FOLDER, 'nvidia'), join(folder, 'nvidia'));

  log('Engine: compiling the addons (20 to 40 s)');
  const node = ['-isystem', join(root, 'node_modules', 'node-api-headers', 'include')];
  const headers = [...node, '-isystem', join(tensorflow, 'include')];
  const rpath = '-Wl,-rpath,$ORIGIN:$ORIGIN/tensorflow';
  const linked = [`-L${libraries}`, ...LIBRARIES.map((library) => `-l:${library}`), rpath];
  const addon = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  const compiler = (output, sources, ...others) =>
    compileAddon(...flags, ...WARNINGS, ...sources.map((source) => join(NATIVE, source)), '-o', output, ...others);
  const build = (name, sources, ...others) => compiler(join(folder, `${name}.node`), sources, ...others);
  const onTensorFlowJs = async () => {
    const context = join(folder, 'context.o');
    await compiler(context, ['context.cc'], '-c', ...headers);
    const theirs = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((source) => join(addon, 'binding', source));
    const wrapped = ['-Wl,--wrap=TFE_NewContext', '-Wl,-soname,tfjs_binding.node'];
    const binding = ['-w', ...theirs, context, '-o', join(folder, 'tfjs_binding.node'), '-isystem', addon];
    await compileAddon(...flags, ...binding, ...headers, ...linked, ...wrapped);
    await rm(context);
    const withContext = [...headers, ...linked, `-L${folder}`, '-l:tfjs_binding.node'];
    await build('graph', ['graph.cc', 'log.cc'], ...withContext);
    await build('memory', ['memory.cc'], ...withContext);
  };
  const onTensorFlow = async () => {
    const names = (await readdir(join(NATIVE, 'operations'))).filter((name) => name.endsWith('.cc'));
    const sources = names.map((name) => join('operations', name));
    await build('operations', sources, ...OPERATION_FLAGS, ...headers, ...linked);
    await build('profile', ['profile.cc'], ...headers, ...linked);
    for (const name of ['standard_error', 'cuda']) await build(name, [`${name}.cc`], ...node, '-ldl');
    await build('convolve', ['convolve.cc'], ...OPERATION_FLAGS, ...node);
  };
  const outcomes = await Promise.allSettled([onTensorFlowJs(), onTensorFlow()]);
  for (const { reason } of outcomes) if (reason) throw reason;
  await writeFile(join(folder, 'source.json'), JSON.stringify({ tensorflow: TENSORFLOW_VERSION, wheel }, null, 2));
}

function checkMachine(wheel) {
  const { platform, arch } = process;
  const needs = `The engine is built from the wheel ${wheel.file}, which needs`;
  if (platform !== 'linux' || arch !== 'x64') {
    throw new SetupError(`${needs} Linux on x86-64; this machine is ${platform} on ${arch}.`);
  }
  if (!systemLibraries().startsWith('glibc2.')) {
    throw new SetupError(`${needs} a Linux with glibc (Debian, Ubuntu, Fedora, ...; not Alpine).`);
  }
  if (lacksAvx()) throw new SetupError(`${needs} a processor with AVX.`);
}

function compileAddon(...parameters) {
  return run('g++', [...COMPILER_FLAGS, ...parameters], {
    advice: 'The addon could not be compiled. It needs g++ 9 or newer (Debian, Ubuntu: apt-get install g++).',
  });
}
