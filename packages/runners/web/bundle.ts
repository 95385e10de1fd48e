import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { INSTALLATION, UserError } from '@dualprior/core';
import { build, type BuildFailure } from 'esbuild';

const PAGE = join(import.meta.dirname, 'page');
const require = createRequire(import.meta.url);

/** The page's own script. @param entry `on-device`: the visitor's machine does the work; `served`: the server does */
export function pageScript(entry: 'on-device' | 'served'): Promise<Uint8Array> {
  return bundle(`import './${entry}.ts';`);
}

/**
 * The script of the worker, with the components that these files declare and no others.
 * Errors: `UserError` if one of them reaches what browsers do not have.
 */
export function workerScript(components: readonly string[]): Promise<Uint8Array> {
  const imports = components.map((file) => `import ${JSON.stringify(file)};`);
  return bundle([...imports, "import './worker.ts';"].join('\n'));
}

/** TensorFlow.js for WebAssembly: files by name. Which of them a browser reads follows from what it can. */
export function wasmFiles(): Map<string, string> {
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  const names = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  return new Map(names.map((name) => [name, join(folder, name)]));
}

async function bundle(contents: string): Promise<Uint8Array> {
  try {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: PAGE, loader: 'ts' },
      absWorkingDir: PAGE,
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022', // no browser has decorators
      alias: shared(),
      legalComments: 'eof',
      logLevel: 'silent',
    });
    return outputFiles[0]!.contents;
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? [];
    if (!first) throw error;
    const where = first.location ? ` (${first.location.file}:${first.location.line})` : '';
    throw new UserError(`A component cannot run in a browser: ${first.text}${where}.`);
  }
}

/** What plugins share with us, wherever they lie. */
function shared(): Record<string, string> {
  const packages = join(INSTALLATION, 'packages');
  return {
    '@dualprior/core/nn': join(packages, 'core', 'nn.ts'),
    '@dualprior/blocks/nn': join(packages, 'blocks', 'nn.ts'),
    '@tensorflow/tfjs-core': join(INSTALLATION, 'node_modules', '@tensorflow', 'tfjs-core'),
    '@sinclair/typebox': join(INSTALLATION, 'node_modules', '@sinclair', 'typebox'),
  };
}
