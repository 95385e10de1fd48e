import * as tf from '@tensorflow/tfjs-core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import type { Backend } from './names.ts';

/** Starts the first of these backends that works here; undefined: none does. @param folder of the `.wasm` files */
export async function startBackend(wanted: readonly Backend[], folder: string): Promise<Backend | undefined> {
  setWasmPaths(folder);
  for (const backend of wanted) if (await isUsable(backend)) return backend;
  return undefined;
}

/** Tells when the graphics processor is taken away from the backend in use. */
export function whenLost(backend: Backend, tell: (why: string) => void): void {
  if (backend === 'webgpu') {
    const { device } = tf.backend() as unknown as { readonly device: { readonly lost: Promise<{ message: string }> } };
    void device.lost.then(({ message }) => tell(message));
  } else if (backend === 'webgl') {
    const { canvas } = (tf.backend() as MathBackendWebGL).gpgpu.gl;
    canvas.addEventListener('webglcontextlost', () => tell(''));
  }
}

async function isUsable(backend: Backend): Promise<boolean> {
  try {
    if (!(await tf.setBackend(backend))) return false;
    // Where textures hold 16 bits only, results would be far from those of Node.
    if (backend === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return false;
    return await isRight();
  } catch {
    return false;
  }
}

/** Whether it computes, with the digits of float32: 1 + 2^-20, doubled. */
async function isRight(): Promise<boolean> {
  const small = 2 ** -20;
  const sum = tf.tidy(() => tf.matMul(tf.tensor2d([[1, small]]), tf.tensor2d([[2], [2]])));
  const [value] = await sum.data<'float32'>();
  sum.dispose();
  return value === 2 + 2 * small;
}
