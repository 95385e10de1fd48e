import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

// A worker thread loads TypeScript by itself, whatever loader the main thread has.
register();
export default createRequire(import.meta.url)('./sampler-worker.ts').default;
