import { spawnSync } from 'node:child_process';
import { SetupError } from './process.mjs';

const runs = (program, ...parameters) =>
  spawnSync(program, parameters, { stdio: 'ignore', env: process.env }).status === 0;
const PYTHONS = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** The command of a Python 3.10 or newer, if possible one that has these modules; undefined if there is none. */
export function findPython(...modules) {
  const recent = PYTHONS.filter((python) => runs(python, '-c', 'import sys; sys.exit(sys.version_info < (3, 10))'));
  return recent.find((python) => modules.every((module) => has(python, module))) ?? recent[0];
}

const has = (python, module) => runs(python, '-c', `import ${module}`);

/** Errors: this machine lacks programs that the set-up needs; names all of them, and how they are installed. */
export function checkRequirements() {
  const lacks = missing();
  if (lacks.length === 0) return;
  const packages = [...new Set(lacks.flatMap(({ packages }) => packages))].join(' ');
  throw new SetupError(
    `this machine lacks what is needed:\n${lacks.map(({ what }) => `  ${what}\n`).join('')}` +
      `Debian, Ubuntu: apt-get install ${packages}`,
  );
}

function missing() {
  const lacks = [];
  const python = findPython('pip', 'venv', 'ensurepip');
  if (!python) {
    lacks.push({
      what: 'Python 3.10 or newer with pip and venv',
      packages: ['python3', 'python3-pip', 'python3-venv'],
    });
  } else {
    if (!has(python, 'pip')) lacks.push({ what: `pip for ${python}`, packages: ['python3-pip'] });
    if (!has(python, 'venv') || !has(python, 'ensurepip'))
      lacks.push({ what: `venv for ${python}`, packages: ['python3-venv'] });
  }
  if (!runs('g++', '--version')) lacks.push({ what: 'g++, a compiler of C++17', packages: ['g++'] });
  return lacks;
}
