import { createHash } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { machineCuda } from './machine-cuda.mjs';
import { once } from './once.mjs';
import { SetupError } from './process.mjs';
import { CUDA_WHEELS, megabytes, unpackedWheel } from './wheels.mjs';

/** In the cache's `engine/`: a link to the CUDA libraries that engines use. */
export const CUDA_FOLDER = 'cuda';

/** Where the CUDA libraries come from: `auto` takes the machine's where it has all of them. */
export const CUDA_SOURCES = ['auto', 'machine', 'wheels', 'none'];

/**
 * Puts CUDA's libraries where TensorFlow's CUDA build looks for them: links to those of the machine, or those of NVIDIA's wheels.
 * With `none` it leaves what is there. Returns what they are, for display.
 * Errors: `machine` where the machine lacks some.
 */
export async function installCudaLibraries({ cache, log, source = 'auto', machine = {}, unpack = unpackedWheel }) {
  if (source === 'none') return 'no CUDA libraries';
  const { links, wheels, name } = choose(source, machine);
  const engine = join(cache, 'engine');
  const key = createHash('sha256')
    .update(JSON.stringify([links, wheels]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(engine, `cuda-libraries-${key}`);
  await once(
    folder,
    () => log('CUDA: another process is installing it; waiting'),
    async (building) => {
      log(`CUDA: ${name}${wheels.length > 0 ? `, ${megabytes(wheels)} MB to download in ${wheels.length} files` : ''}`);
      for (const wheel of wheels) {
        const unpacked = await unpack(wheel, cache, log);
        await linkAll(join(unpacked, 'nvidia'), join(building, 'nvidia'));
      }
      for (const [place, file] of Object.entries(links)) {
        await mkdir(dirname(join(building, 'nvidia', place)), { recursive: true });
        await symlink(file, join(building, 'nvidia', place));
      }
      await writeFile(join(building, 'source.json'), JSON.stringify({ name, links, wheels }, null, 2));
    },
  );
  await pointTo(join(engine, CUDA_FOLDER), `cuda-libraries-${key}`);
  return name;
}

function choose(source, machine) {
  const downloaded = { links: {}, wheels: Object.values(CUDA_WHEELS), name: "CUDA 12.9 of NVIDIA's wheels" };
  if (source === 'wheels') return downloaded;
  const found = machineCuda(machine);
  if (!found.missing) {
    const { release, links, wheels } = found;
    return { links, wheels: wheels.map((folder) => CUDA_WHEELS[folder]), name: `CUDA ${release} of this machine` };
  }
  if (source === 'auto') return downloaded;
  throw new SetupError(
    `this machine's CUDA lacks ${found.missing.join(', ')}.\n` +
      '`npm run setup -- --gpu --cuda wheels` downloads all that is needed.',
  );
}

/** The same files in another folder, without a copy. */
async function linkAll(from, to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkAll(source, target);
    else await link(source, target);
  }
}

/** Makes or turns a symbolic link, so that it is whole at every moment. */
async function pointTo(place, target) {
  const fresh = `${place}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(target, fresh);
  await rename(fresh, place);
}
