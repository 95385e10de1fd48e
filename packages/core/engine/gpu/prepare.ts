import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What TensorFlow's CUDA build takes from the environment, where the person did not say otherwise: memory as it is needed instead of
 * the whole card, and where XLA finds `ptxas` and `libdevice`.
 */
export function prepareEnvironment(engine: string, env: NodeJS.ProcessEnv = process.env): void {
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  const cuda = join(engine, 'nvidia', 'cuda_nvcc');
  const flags = env['XLA_FLAGS'] ?? '';
  if (!existsSync(cuda) || flags.includes('--xla_gpu_cuda_data_dir')) return;
  env['XLA_FLAGS'] = `${flags} --xla_gpu_cuda_data_dir=${cuda}`.trim();
}
