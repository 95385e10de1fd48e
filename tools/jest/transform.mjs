import swc from '@swc/jest';

/**
 * Jest runs each test file in a realm whose globals are looked up by a callback each time, which makes loops over numbers several times
 * slower. Constants of the module are not looked up.
 */
const CONSTANTS = 'const { Math, Number } = globalThis; ';

const transformer = swc.createTransformer();

function withConstants({ code, ...rest }) {
  return { ...rest, code: CONSTANTS + code };
}

export default {
  ...transformer,
  process: (...source) => withConstants(transformer.process(...source)),
  processAsync: async (...source) => withConstants(await transformer.processAsync(...source)),
  getCacheKey: (...source) => `${transformer.getCacheKey(...source)}-constants`,
};
