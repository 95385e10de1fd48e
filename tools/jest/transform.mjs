import swc from '@swc/jest';

/**
 * Jest runs each test file in a realm whose globals are looked up by a callback each time, which makes loops over numbers several times
 * slower. As constants of the module, these are not looked up.
 */
const GLOBALS = ['Math', 'Number'];

const transformer = swc.createTransformer();

/** Whether a module declares or imports the name itself. */
function declares(code, name) {
  return new RegExp(`\\b(const|let|var|class|function|import)\\b[^;(=]*\\b${name}\\b`).test(code);
}

function withConstants({ code, ...rest }) {
  const names = GLOBALS.filter((name) => !declares(code, name));
  return { ...rest, code: `const { ${names.join(', ')} } = globalThis; ${code}` };
}

export default {
  ...transformer,
  process: (...source) => withConstants(transformer.process(...source)),
  processAsync: async (...source) => withConstants(await transformer.processAsync(...source)),
  getCacheKey: (...source) => `${transformer.getCacheKey(...source)} ${GLOBALS.join()}`,
};
