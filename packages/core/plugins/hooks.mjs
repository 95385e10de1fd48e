import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FROM_INSTALLATION, isOutside, isShared } from './installation.mjs';

// Resolves the imports of plugins. It is registered after the TypeScript loader, so `next` asks that one.

const HOME = pathToFileURL(FROM_INSTALLATION).href;

let doors = {};

/** @param compiled the modules that the process runs from, by name, where they are compiled */
export function initialize(compiled) {
  doors = compiled ?? {};
}

/** A hook of node:module: of `register`, where `next` gives a promise, and of `registerHooks`, where it does not. */
export function resolve(specifier, context, next) {
  if (specifier in doors) return { url: doors[specifier], format: 'module', shortCircuit: true };
  const { parentURL } = context;
  if (isShared(specifier) && isOutsideUrl(parentURL)) return next(specifier, { ...context, parentURL: HOME });
  const resolved = next(specifier, context);
  return resolved instanceof Promise ? resolved.then(asModule) : asModule(resolved);
}

/**
 * Where no package.json says `"type": "module"`, files count as CommonJS, whose `require` would make a second catalogue: an ES module is taken as
 * what it is.
 */
function asModule(resolved) {
  if (!resolved.format?.startsWith('commonjs') || !isOutsideUrl(resolved.url)) return resolved;
  const url = resolved.url.replace(/(?:\?|%3F).*$/, ''); // the loader marks CommonJS by a query
  return isModule(fileURLToPath(url)) ? { ...resolved, url, format: 'module' } : resolved;
}

function isModule(file) {
  if (/\.tsx?$/.test(file)) return true;
  return file.endsWith('.js') && /^\s*(?:import|export)\b/m.test(readFileSync(file, 'utf8'));
}

function isOutsideUrl(url) {
  return url?.startsWith('file:') === true && isOutside(fileURLToPath(url));
}
