import { fileURLToPath } from 'node:url';

/** What tfjs-node asks for beside the core, all of TensorFlow.js, and nothing here uses: megabytes that every test file would run again. */
const UNUSED = /^@tensorflow\/tfjs-(layers|converter|data|backend-cpu|backend-webgl)$/;
const UNION = '/node_modules/@tensorflow/tfjs/dist';
const NOTHING = fileURLToPath(new URL('nothing.json', import.meta.url));

export default (name, { basedir, defaultResolver, ...options }) =>
  UNUSED.test(name) && basedir.endsWith(UNION) ? NOTHING : defaultResolver(name, { basedir, ...options });
