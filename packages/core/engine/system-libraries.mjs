import { readFileSync } from 'node:fs';

const BANNER = 'GNU C Library ';

let found;

/**
 * Versions of the C and C++ libraries that this process runs with, such as `glibc2.36-glibcxx3.4.30`: what is compiled on one machine may
 * need more than another one has. What is not known is left out; `none` where that is all.
 */
export function systemLibraries() {
  found ??= librariesIn(read('/proc/self/maps'));
  return found;
}

/** The same for a list of what a process has mapped (proc_pid_maps(5)). */
export function librariesIn(maps) {
  const c = /\/.*\/libc(?:\.so\.6|-[\d.]+\.so)$/m.exec(maps)?.[0];
  const cxx = /\/libstdc\+\+\.so\.6\.0\.(\d+)$/m.exec(maps)?.[1];
  const version = c && versionIn(c);
  const parts = [version && `glibc${version}`, cxx && `glibcxx3.4.${cxx}`];
  return parts.filter(Boolean).join('-') || 'none';
}

/** The version of the GNU C library in a file, from the line that it writes where it is run as a program. */
function versionIn(file) {
  try {
    const bytes = readFileSync(file);
    const at = bytes.indexOf(BANNER);
    return /version (\d+\.\d+)/.exec(bytes.latin1Slice(at, at + 200))?.[1];
  } catch {
    return undefined; // another version took its place
  }
}

function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // another system than Linux
  }
}
