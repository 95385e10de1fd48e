import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { COMPILER_FLAGS, engineFolder, NATIVE, TENSORFLOW_VERSION } from '../../packages/core/engine/location.mjs';
import { exclusively } from './lock.mjs';
import { run, SetupError } from './process.mjs';
import { checkRequirements, findPython } from './requirements.mjs';

const WHEEL = {
  name: `tensorflow_cpu-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  megabytes: 274,
};
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Extracts the two libraries and the headers, nothing else. */
const EXTRACT = `
import sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name in ('tensorflow/${LIBRARIES[0]}', 'tensorflow/${LIBRARIES[1]}') or name.startswith('tensorflow/include/'):
            archive.extract(name, folder)
`;

/**
 * Builds the engine in the per-user cache: TensorFlow's two libraries from the wheel `tensorflow-cpu` and
 * the addon of `@tensorflow/tfjs-node-gpu` compiled against them. It is built beside its place and renamed at the
 * end, so an interrupted build is done again.
 */
export async function buildEngine(root, cache, log, build = compile) {
  const folder = engineFolder(root, cache);
  const label = `engine (TensorFlow ${TENSORFLOW_VERSION})`;
  if (existsSync(folder)) return label;
  return exclusively(
    `${folder}.lock`,
    () => log('Engine: another process is building it; waiting'),
    async () => {
      if (existsSync(folder)) return label;
      await removeInterrupted(folder);
      const building = `${folder}.building-${process.pid}`;
      await mkdir(building, { recursive: true });
      try {
        await build(root, building, log);
        await rename(building, folder);
      } finally {
        await rm(building, { recursive: true, force: true });
      }
      log(`Engine: built in ${folder}`);
      return label;
    },
  );
}

async function removeInterrupted(folder) {
  const siblings = await readdir(dirname(folder));
  const left = siblings.filter((name) => name.startsWith(`${basename(folder)}.building-`));
  await Promise.all(
    left.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 5 })),
  );
}

async function compile(root, folder, log) {
  checkMachine();
  checkRequirements();
  const python = findPython('pip');
  const work = join(folder, 'work');
  const wheel = await download(python, work, log);
  await verify(wheel, WHEEL.sha256);
  log('Engine: unpacking TensorFlow');
  await run(python, ['-c', EXTRACT, wheel, work]);
  for (const library of LIBRARIES) await rename(join(work, 'tensorflow', library), join(folder, library));
  log('Engine: compiling the addon (about 10 s)');
  const headers = [`-I${join(root, 'node_modules', 'node-api-headers', 'include')}`];
  const tensorflow = [`-I${join(work, 'tensorflow', 'include')}`];
  const link = [`-L${folder}`, ...LIBRARIES.map((library) => `-l:${library}`), '-Wl,-rpath,$ORIGIN'];
  const addon = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  await compileAddon(
    ...[...headers, `-I${addon}`, ...tensorflow],
    ...[join(addon, 'binding', 'tfjs_backend.cc'), join(addon, 'binding', 'tfjs_binding.cc')],
    ...[join(NATIVE, 'context.cc'), '-Wl,--wrap=TFE_NewContext', '-Wl,-soname,tfjs_binding.node'],
    ...['-o', join(folder, 'tfjs_binding.node'), ...link],
  );
  await compileAddon(
    ...[...headers, ...tensorflow, join(NATIVE, 'graph.cc'), '-o', join(folder, 'graph.node')],
    ...[...link, '-l:tfjs_binding.node'],
  );
  await compileAddon(...headers, join(NATIVE, 'standard_error.cc'), '-o', join(folder, 'standard_error.node'));
  await rm(work, { recursive: true });
  await writeFile(
    join(folder, 'source.json'),
    JSON.stringify({ tensorflow: TENSORFLOW_VERSION, wheel: WHEEL }, null, 2),
  );
}

function checkMachine() {
  const { platform, arch } = process;
  const needs = `The engine is built from the wheel ${WHEEL.name}, which needs`;
  if (platform !== 'linux' || arch !== 'x64') {
    throw new SetupError(`${needs} Linux on x86-64; this machine is ${platform} on ${arch}.`);
  }
  if (!process.report.getReport().header.glibcVersionRuntime) {
    throw new SetupError(`${needs} a Linux with glibc (Debian, Ubuntu, Fedora, ...; not Alpine).`);
  }
  if (!/^flags\b.*\bavx\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) {
    throw new SetupError(`${needs} a processor with AVX.`);
  }
}

function compileAddon(...parameters) {
  return run('g++', [...COMPILER_FLAGS, ...parameters], {
    advice: 'The addon could not be compiled. It needs g++ 9 or newer (Debian, Ubuntu: apt-get install g++).',
  });
}

async function download(python, work, log) {
  await mkdir(work, { recursive: true });
  log(`Engine: downloading ${WHEEL.name} (${WHEEL.megabytes} MB, once per user)`);
  const clock = setInterval(() => log(`Engine: ${size(work)} of ${WHEEL.megabytes} MB`), 3000);
  try {
    const target = [
      '--python-version',
      '3.11',
      '--implementation',
      'cp',
      '--abi',
      'cp311',
      '--platform',
      'manylinux_2_27_x86_64',
    ];
    await run(
      python,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--no-cache-dir',
        '--only-binary=:all:',
        '--progress-bar',
        'off',
        ...target,
      ].concat('--dest', work, `tensorflow-cpu==${TENSORFLOW_VERSION}`),
      {
        env: { ...process.env, TMPDIR: work },
        advice:
          'pip could not download TensorFlow. Is the Python package index reachable from here, and is there room on the disk?',
      },
    );
  } finally {
    clearInterval(clock);
  }
  return join(work, WHEEL.name);
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
