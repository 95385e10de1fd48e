import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TENSORFLOW_VERSION } from '../../packages/core/engine/location.mjs';
import { once } from './once.mjs';
import { run, SetupError } from './process.mjs';
import { findPython } from './requirements.mjs';

const nvidia = (project, version, platform, megabytes, sha256) => ({
  file: `nvidia_${project.replaceAll('-', '_')}_cu12-${version}-py3-none-${platform}.whl`,
  requirement: `nvidia-${project}-cu12==${version}`,
  parts: 'nvidia/[^/]+/(lib/[^/]+\\.so[^/]*|bin/[^/]+|nvvm/libdevice/.+)',
  megabytes,
  sha256,
});
const tensorflow = (project, megabytes, sha256) => ({
  file: `${project.replaceAll('-', '_')}-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
  requirement: `${project}==${TENSORFLOW_VERSION}`,
  parts: 'tensorflow/(libtensorflow_(cc|framework)\\.so\\.2|include/.+)',
  megabytes,
  sha256,
});

/** TensorFlow's two builds: what their wheels carry is all of the Python package that we need. */
export const TENSORFLOW = {
  cpu: tensorflow('tensorflow-cpu', 274, '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c'),
  cuda: tensorflow('tensorflow', 572, '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124'),
};

const manylinux = (...releases) => releases.map((release) => `manylinux${release}_x86_64`).join('.');

/** The libraries of CUDA 12, cuDNN 9 and NCCL 2, by their folder below `nvidia/`. */
export const CUDA_WHEELS = {
  cuda_runtime: nvidia(
    'cuda-runtime',
    '12.9.79',
    manylinux('2014', '_2_17'),
    4,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  ),
  nvjitlink: nvidia(
    'nvjitlink',
    '12.9.86',
    manylinux('2010', '_2_12'),
    40,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  ),
  cublas: nvidia(
    'cublas',
    '12.9.3.13',
    manylinux('_2_27'),
    581,
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  ),
  cusparse: nvidia(
    'cusparse',
    '12.5.10.65',
    manylinux('2014', '_2_17'),
    366,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  ),
  cusolver: nvidia(
    'cusolver',
    '11.7.5.82',
    manylinux('_2_27'),
    338,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  ),
  cufft: nvidia(
    'cufft',
    '11.4.1.4',
    manylinux('2014', '_2_17'),
    201,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  ),
  cuda_cupti: nvidia(
    'cuda-cupti',
    '12.9.79',
    manylinux('_2_25'),
    11,
    '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  ),
  cuda_nvrtc: nvidia(
    'cuda-nvrtc',
    '12.9.86',
    manylinux('2010', '_2_12'),
    90,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  ),
  cuda_nvcc: nvidia(
    'cuda-nvcc',
    '12.9.86',
    manylinux('2010', '_2_12'),
    41,
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  ),
  cudnn: nvidia(
    'cudnn',
    '9.28.0.42',
    manylinux('_2_27'),
    717,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  ),
  nccl: nvidia(
    'nccl',
    '2.32.3',
    manylinux('_2_27'),
    352,
    'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  ),
};

/** Megabytes to download. */
export function megabytes(wheels) {
  return wheels.reduce((sum, wheel) => sum + wheel.megabytes, 0);
}

/** Extracts what matches, as files that can be run where they are programs. */
const EXTRACT = `
import os, re, sys, zipfile
wheel, parts, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if re.fullmatch(parts, name) and not name.endswith('/'):
            file = archive.extract(name, folder)
            if '/bin/' in name:
                os.chmod(file, 0o755)
`;

/** The folder with the parts of a wheel that we need, below `engine/wheels/` of the per-user cache: downloaded and checked once. */
export async function unpackedWheel(wheel, cache, log) {
  const folder = join(cache, 'engine', 'wheels', basename(wheel.file, '.whl'));
  await once(
    folder,
    () => log(`Engine: another process is downloading ${wheel.file}; waiting`),
    async (building) => {
      const python = findPython('pip');
      const work = join(building, 'download');
      await download(python, wheel, work, log);
      await verify(join(work, wheel.file), wheel.sha256);
      log(`Engine: unpacking ${wheel.file}`);
      await run(python, ['-c', EXTRACT, join(work, wheel.file), wheel.parts, building], {
        advice: `${wheel.file} could not be unpacked. Is there room on the disk?`,
      });
      await rm(work, { recursive: true });
    },
  );
  return folder;
}

const PLATFORMS = ['_2_27', '_2_25', '_2_17', '2014', '_2_12', '2010'].flatMap((release) => [
  '--platform',
  `manylinux${release}_x86_64`,
]);

async function download(python, wheel, work, log) {
  await mkdir(work, { recursive: true });
  log(`Engine: downloading ${wheel.file} (${wheel.megabytes} MB, once per user)`);
  let told = 0;
  const clock = setInterval(() => {
    const here = Math.min(size(work), wheel.megabytes); // pip has it twice for a moment
    if (here > told) log(`Engine: ${here} of ${wheel.megabytes} MB`);
    told = here;
  }, 3000);
  try {
    const what = ['download', '--no-deps', '--no-cache-dir', '--only-binary=:all:', '--progress-bar', 'off'];
    const target = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', ...PLATFORMS];
    await run(python, ['-m', 'pip', ...what, ...target, '--dest', work, wheel.requirement], {
      env: { PIP_RESUME_RETRIES: '5', ...process.env, TMPDIR: work },
      advice: `pip could not download ${wheel.requirement}. Is the Python package index reachable from here, and is there room on the disk?`,
    });
  } finally {
    clearInterval(clock);
  }
}

/** Megabytes of all files in a folder. */
function size(folder) {
  try {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    return Math.round(bytes / 1e6);
  } catch {
    return 0; // a file vanished while we looked
  }
}

/** Errors: the file's SHA-256 is another one. */
export async function verify(file, sha256) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === sha256) return;
  throw new SetupError(
    `${basename(file)} is not the file that was tested.\n  SHA-256 expected ${sha256}\n          found    ${found}`,
  );
}
