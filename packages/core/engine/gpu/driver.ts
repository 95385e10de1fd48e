import type { CudaAddon, DriverAnswer, Gpu } from './cuda-addon.ts';
import { kernelModule } from './kernel-module.mjs';
import type { Unavailable } from './unavailable.ts';

/** The driver's library by its name, then where WSL and NixOS keep it. */
const DRIVERS = ['libcuda.so.1', '/usr/lib/wsl/lib/libcuda.so.1', '/run/opengl-driver/lib/libcuda.so.1'];

/** The oldest CUDA that a driver must support for TensorFlow's CUDA build, as the driver numbers it. */
const OLDEST = 12_000;

// CUresult of NVIDIA's CUDA Driver API.
const STUB_LIBRARY = 34;
const NO_DEVICE = 100;
const SYSTEM_DRIVER_MISMATCH = 803;

const INSTALL =
  "Install NVIDIA's driver, 525 or newer (Debian: apt-get install nvidia-driver; Ubuntu: ubuntu-drivers install), restart, " +
  'see that `nvidia-smi` lists the GPU, then run `npm run setup -- --gpu`.';
const GIVE =
  'A container gets it by `docker run --gpus all` or `apptainer --nv`, a Slurm job by `--gres=gpu:1`; `nvidia-smi` lists what is there.';

/** The machine, for tests. */
export interface Machine {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

const THIS: Machine = { root: '/', env: process.env };

/**
 * The GPU that a process of this machine computes on, or why there is none. A process takes one GPU: the first of CUDA_VISIBLE_DEVICES,
 * which is cut to it.
 */
export function findGpu(
  addon: CudaAddon,
  { root, env }: Machine = THIS,
): { readonly gpu: Gpu; readonly cuda: number } | Unavailable {
  const chosen = env['CUDA_VISIBLE_DEVICES'];
  if (chosen !== undefined && /^\s*(-.*)?$/.test(chosen)) {
    return {
      problem: `CUDA_VISIBLE_DEVICES is "${chosen}", which hides every GPU`,
      remedy: 'Unset it, or give it the number of a GPU (`nvidia-smi -L` lists them).',
      expected: true,
    };
  }
  env['CUDA_VISIBLE_DEVICES'] = chosen?.split(',')[0]!.trim() ?? '0';
  const answer = ask(addon);
  if ('devices' in answer && answer.version >= OLDEST && answer.devices[0]) {
    return { gpu: answer.devices[0], cuda: answer.version };
  }
  if (chosen === undefined) delete env['CUDA_VISIBLE_DEVICES'];
  return explain(answer, kernelModule(root), env['CUDA_VISIBLE_DEVICES']);
}

/** The driver's answer by the first of its libraries that loads, else why the first does not. */
function ask(addon: CudaAddon): DriverAnswer {
  const answers: DriverAnswer[] = [];
  for (const driver of DRIVERS) {
    const answer = addon.devices(driver);
    if (!('missing' in answer)) return answer;
    answers.push(answer);
  }
  return answers[0]!;
}

function explain(answer: DriverAnswer, module: string | undefined, chosen: string | undefined): Unavailable {
  if ('missing' in answer) {
    if (module === undefined) {
      return { problem: 'this machine has no NVIDIA driver (libcuda.so.1)', remedy: INSTALL, expected: true };
    }
    return {
      problem: `NVIDIA's driver ${module} runs, but its library does not load (${answer.missing})`,
      remedy: `${GIVE} Outside of those, install the part of the driver with libcuda.so.1 (Debian: apt-get install libcuda1).`,
    };
  }
  if ('devices' in answer && answer.version < OLDEST) {
    const supported = `${Math.floor(answer.version / 1000)}.${(answer.version % 1000) / 10}`;
    return {
      problem: `NVIDIA's driver is too old: it supports CUDA ${supported}, and TensorFlow needs 12.0`,
      remedy: 'Update the driver to 525 or newer, and restart.',
    };
  }
  if ('devices' in answer || answer.code === NO_DEVICE) {
    const among = chosen === undefined ? '' : ` with CUDA_VISIBLE_DEVICES=${chosen}`;
    return { problem: `NVIDIA's driver finds no GPU${among}`, remedy: GIVE };
  }
  const told = `NVIDIA's driver does not work: ${answer.failed} (CUDA error ${answer.code})`;
  if (module === undefined && answer.code !== STUB_LIBRARY) {
    return {
      problem: `${told}; its kernel module is not loaded`,
      remedy: `Run \`modprobe nvidia\`, or restart. ${GIVE}`,
    };
  }
  if (answer.code === SYSTEM_DRIVER_MISMATCH) {
    return { problem: told, remedy: 'The driver was updated while the machine ran: restart it.' };
  }
  return { problem: told, remedy: INSTALL };
}
