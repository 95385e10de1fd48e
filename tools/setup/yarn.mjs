import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { exclusively } from '../../packages/core/process/lock.mjs';
import { run } from './process.mjs';

export const YARN_VERSION = '4.18.1';

/** The command that runs Yarn 4: the machine's own, or the one in the cache (installed by npm once per user). */
export async function findYarn(cache, log) {
  const env = { ...process.env, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' };
  const own =
    spawnSync('yarn', ['--version'], { encoding: 'utf8', cwd: '/', env, timeout: 20_000 }).stdout?.trim() ?? '';
  if (own.startsWith('4.')) return ['yarn'];
  const folder = join(cache, 'yarn', YARN_VERSION);
  const program = join(folder, 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
  if (!existsSync(program)) {
    log(`Yarn ${YARN_VERSION}: installing into ${folder}`);
    const building = `${folder}.${process.pid}`;
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { recursive: true });
    await run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--prefix', building, `@yarnpkg/cli-dist@${YARN_VERSION}`],
      {
        advice: 'npm could not install Yarn. Is the npm registry reachable from here?',
      },
    );
    await rename(building, folder).catch(async (error) => {
      if (!existsSync(program)) throw error; // another set-up was quicker
      await rm(building, { recursive: true, force: true });
    });
  }
  return [process.execPath, program];
}

/** Installs the packages of the checkout unless they are there as `yarn.lock` wants them. */
export async function installPackages(root, cache, log, install = installWithYarn) {
  const marker = join(root, 'node_modules', '.dualprior-packages');
  const wanted = packagesKey(root);
  const installed = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted;
  if (installed()) return 'packages';
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 12);
  await exclusively(
    join(cache, 'locks', checkout),
    async () => {
      if (installed()) return;
      await rm(marker, { force: true });
      await install(root, cache, log);
      await mkdir(dirname(marker), { recursive: true });
      await writeFile(marker, wanted);
    },
    { onWait: () => log('Packages: another process is installing them; waiting') },
  );
  return 'packages';
}

async function installWithYarn(root, cache, log) {
  const [program, ...parameters] = await findYarn(cache, log);
  log('Packages: installing with Yarn');
  await run(program, [...parameters, 'install', '--immutable'], {
    cwd: root,
    advice: 'Yarn could not install the packages. Is the npm registry reachable from here?',
    onLine: (line) =>
      /YN0000: [┌└]|Resolution|Fetch|Link/.test(line) && log(`Packages: ${line.replace(/^.*?YN\d+:\s*/, '')}`),
  });
}

/** Hash of all that says which packages are wanted. */
export function packagesKey(root) {
  const manifests = readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'package.json'));
  const files = [
    'package.json',
    'yarn.lock',
    '.yarnrc.yml',
    ...manifests.filter((file) => existsSync(join(root, file))),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
