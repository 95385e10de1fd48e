import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CUDA_LIBRARIES } from '../../packages/core/engine/gpu/cuda-libraries.mjs';
import { kernelModule } from '../../packages/core/engine/gpu/kernel-module.mjs';

/** The oldest driver that runs CUDA 13. */
const DRIVER_OF_CUDA_13 = 580;

/** Libraries that come with no release of CUDA: any folder may hold them. */
const APART = new Set(['cudnn', 'nccl']);

/**
 * CUDA as it is installed on this machine: `{release, links, wheels}`, where `links` maps paths below `nvidia/`, as
 * TensorFlow asks for them, to files of the machine, and `wheels` names what must be downloaded besides; or `{missing}`,
 * the libraries that were not found. CUDA 12 goes before 13, whose libraries serve under the names of CUDA 12.
 */
export function machineCuda({ root = '/', env = process.env, loader = loaderCache } = {}) {
  const folders = libraryFolders(root, env, loader);
  const releases = parseInt(kernelModule(root) ?? '0', 10) >= DRIVER_OF_CUDA_13 ? [12, 13] : [12];
  for (const release of releases) {
    for (const toolkit of folders) {
      const found = look(release, toolkit, folders);
      if (found) return found;
    }
  }
  const everywhere = [...folders, ...folders.flatMap(cuptiFolders)];
  const missing = CUDA_LIBRARIES.filter(({ name, needed }) => needed && !find(name, everywhere)).map(
    ({ name }) => name,
  );
  return { missing: missing.length > 0 ? missing : ['one folder with all libraries of CUDA 12'] };
}

/** What a folder with CUDA's libraries has to offer; undefined if a needed one is not there. */
function look(release, toolkit, folders) {
  const links = {};
  const wheels = [];
  for (const { name, folder, cuda13, needed } of CUDA_LIBRARIES) {
    const wanted = release === 13 ? cuda13 : name;
    if (wanted === undefined) {
      wheels.push(folder);
      continue;
    }
    const places = APART.has(folder) ? [toolkit, ...folders] : [toolkit, ...cuptiFolders(toolkit)];
    const file = find(wanted, places);
    if (file) links[join(folder, 'lib', name)] = file;
    else if (needed) return undefined;
    if (file && folder === 'cudnn') Object.assign(links, cudnnParts(dirname(file)));
  }
  const compiler = roots(toolkit).find(
    (folder) => existsSync(join(folder, 'bin', 'ptxas')) && existsSync(libdevice(folder)),
  );
  if (compiler) {
    links['cuda_nvcc/bin/ptxas'] = join(compiler, 'bin', 'ptxas');
    links['cuda_nvcc/nvvm/libdevice/libdevice.10.bc'] = libdevice(compiler);
  } else wheels.push('cuda_nvcc');
  return { release, links, wheels };
}

const libdevice = (toolkit) => join(toolkit, 'nvvm', 'libdevice', 'libdevice.10.bc');

/** Where a toolkit with this folder of libraries may begin: `TOOLKIT/lib64`, `TOOLKIT/targets/x86_64-linux/lib`. */
const roots = (folder) => [dirname(folder), dirname(dirname(dirname(folder)))];
const cuptiFolders = (folder) => roots(folder).map((toolkit) => join(toolkit, 'extras', 'CUPTI', 'lib64'));

/** cuDNN opens its parts from its own folder. */
function cudnnParts(folder) {
  const parts = readdirSync(folder).filter((name) => /^libcudnn_\w+\.so\.9$/.test(name));
  return Object.fromEntries(parts.map((name) => [join('cudnn', 'lib', name), join(folder, name)]));
}

function find(name, folders) {
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Folders that may hold the libraries: named by the environment, of CUDA's installers, of the system. */
function libraryFolders(root, env, loader) {
  const local = join(root, 'usr', 'local');
  const versions = existsSync(local) ? readdirSync(local).filter((name) => /^cuda-1\d/.test(name)) : [];
  const newestFirst = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const installed = ['cuda', ...newestFirst].map((name) => join(local, name));
  const toolkits = [env.CUDA_HOME, env.CUDA_PATH, ...installed, join(root, 'opt', 'cuda')].filter(Boolean);
  const all = [
    ...toolkits.flatMap((toolkit) => [join(toolkit, 'lib64'), join(toolkit, 'targets', 'x86_64-linux', 'lib')]),
    ...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean),
    join(root, 'usr', 'lib', 'x86_64-linux-gnu'),
    join(root, 'usr', 'lib64'),
    ...loader(),
  ];
  return [...new Set(all)].filter((folder) => existsSync(folder));
}

/** The folders from which the system's loader takes libraries of CUDA, cuDNN and NCCL. */
function loaderCache() {
  const { stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/=> (\S*\/lib(?:cu|nccl)[^/]*)$/gm)].map(([, file]) => dirname(file));
}
