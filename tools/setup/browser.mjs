import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { once } from './once.mjs';
import { run } from './process.mjs';

/** Headless Chromium as an npm package carries it: complete with its libraries and a font, for x86-64 Linux. */
export const BROWSER_VERSION = '153.0.0';
const PACKAGE = '@sparticuz/chromium';

/** The folder of the browser in a per-user cache. */
export function browserFolder(cache) {
  return join(cache, 'browser', BROWSER_VERSION);
}

/**
 * How the browser is started: its program, and the environment that leads it to its libraries and font. Undefined where it is not installed.
 *
 * @param {string} cache
 * @returns {{executablePath: string, env: Record<string, string>} | undefined}
 */
export function findBrowser(cache) {
  const folder = browserFolder(cache);
  const executablePath = join(folder, 'chromium');
  if (!existsSync(executablePath)) return undefined;
  const env = {
    ...process.env,
    FONTCONFIG_PATH: join(folder, 'fonts'),
    LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
  };
  return { executablePath, env };
}

/** Installs the browser that the tests of the report need, unless it is there. */
export async function installBrowser({ cache, log = () => {} }) {
  const name = `Chromium ${BROWSER_VERSION}`;
  const folder = browserFolder(cache);
  await once(
    folder,
    () => log(`${name}: another process is installing it; waiting`),
    async (building) => {
      log(`${name}: installing into ${folder} (70 MB, once per user)`);
      const modules = join(building, 'npm');
      await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', modules, `${PACKAGE}@${BROWSER_VERSION}`], {
        advice: `npm could not install ${PACKAGE}. Is the npm registry reachable from here?`,
      });
      await unpack(join(modules, 'node_modules', PACKAGE, 'build', 'index.js'), building);
      await rm(modules, { recursive: true });
      await leadToFonts(join(building, 'fonts', 'fonts.conf'), join(folder, 'fonts'));
    },
  );
  return name;
}

/** The package unpacks itself into the folder of temporary files, its libraries only where it believes to be on AWS Lambda. */
async function unpack(module, folder) {
  const script = `import(${JSON.stringify(pathToFileURL(module).href)}).then((module) => module.default.executablePath())`;
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  await run(process.execPath, ['-e', script], { advice: `${PACKAGE} could not be unpacked.`, env });
}

async function leadToFonts(file, folder) {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll('/tmp/fonts', folder));
}
