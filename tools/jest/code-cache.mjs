import vm from 'node:vm';

/** Code from the cache has lost what its `import()` calls, so a source with one is compiled each time. */
const IMPORTS_LATER = /\bimport\(/;

/** What V8 made of a source when it was compiled first in this process. */
const compiled = new Map();

/**
 * Jest compiles every module again for each test file, as each has a realm of its own. Here a source is parsed once a process: of all
 * later realms V8 gets what it made of it first. Parsing TensorFlow.js alone takes a third of a second otherwise, for each of 300 files.
 */
export function compileOnce() {
  const { compileFunction, SourceTextModule } = vm;

  vm.compileFunction = (source, parameters, options = {}) => {
    if (IMPORTS_LATER.test(source)) return compileFunction(source, parameters, options);
    const key = `${options.filename}\n${parameters}`;
    const known = compiled.get(key);
    if (known?.source === source) return compileFunction(source, parameters, { ...options, cachedData: known.data });
    const made = compileFunction(source, parameters, { ...options, produceCachedData: true });
    if (made.cachedData) compiled.set(key, { source, data: made.cachedData });
    return made;
  };

  vm.SourceTextModule = class extends SourceTextModule {
    constructor(source, options = {}) {
      const isKept = options.identifier !== undefined && !IMPORTS_LATER.test(source);
      const known = isKept ? compiled.get(options.identifier) : undefined;
      const cached = known?.source === source;
      super(source, cached ? { ...options, cachedData: known.data } : options);
      if (!cached && isKept) compiled.set(options.identifier, { source, data: this.createCachedData() });
    }
  };
}
