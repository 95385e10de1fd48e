import { createRequire } from 'node:module';
import { shareWithPlugins } from '@dualprior/core/plugins/commonjs';
import { register } from 'tsx/cjs/api';

// A worker thread loads TypeScript by itself, whatever loader the main thread has.
register();
shareWithPlugins();
export default createRequire(import.meta.url)('./sampler-worker.ts').default;
