import Module, { createRequire } from 'node:module';
import { FROM_INSTALLATION, isOutside, isShared } from './installation.mjs';

/**
 * The same as `hooks.mjs` for `require`, by which worker threads load TypeScript. To be called once, after the TypeScript loader was registered.
 * @param modules those that the thread runs from, by name, where they are compiled
 */
export function shareWithPlugins(modules = new Map()) {
  const home = createRequire(FROM_INSTALLATION);
  const [load, resolve] = [Module._load, Module._resolveFilename];
  Module._load = function (request, ...rest) {
    return modules.get(request) ?? load.call(this, request, ...rest);
  };
  Module._resolveFilename = function (request, parent, ...rest) {
    const from = parent?.filename;
    if (isShared(request) && from && isOutside(from)) return home.resolve(request);
    return resolve.call(this, request, parent, ...rest);
  };
}
