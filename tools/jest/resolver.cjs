const { join } = require('node:path');

/** What tfjs-node asks for beside the core, all of TensorFlow.js, and nothing here uses: megabytes that every test file would run again. */
const UNUSED = /^@tensorflow\/tfjs-(layers|converter|data|backend-cpu|backend-webgl)$/;
const UNION = join('node_modules', '@tensorflow', 'tfjs', 'dist');

module.exports = (name, options) =>
  UNUSED.test(name) && options.basedir.endsWith(UNION)
    ? join(__dirname, 'nothing.cjs')
    : options.defaultResolver(name, options);
