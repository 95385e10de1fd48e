import Module, { createRequire } from 'node:module';
import { FROM_INSTALLATION, isOutside, isShared } from './installation.mjs';

/** The same as `hooks.mjs` for `require`, by which worker threads load TypeScript. To be called once, after the TypeScript loader was registered. */
export function shareWithPlugins() {
  const home = createRequire(FROM_INSTALLATION);
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    const from = parent?.filename;
    if (isShared(request) && from && isOutside(from)) return home.resolve(request);
    return resolve.call(this, request, parent, ...rest);
  };
}
