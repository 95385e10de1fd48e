import { readFileSync } from 'node:fs';

/** Ticks of /proc/PID/stat in a second, on every Linux that Node runs on. */
const TICKS = 100;
/** The start of the machine is known to the second. */
const UNSURE = 2000;

/**
 * Whether a process runs that had this number at a moment (ms since 1970), such as when it wrote a lock file. After a restart of the
 * machine or a container another process may have the number; that one started later and does not count.
 */
export function running(pid, moment) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const details = describe(pid);
  return details === undefined || (!details.dead && details.started <= moment + UNSURE);
}

/** Undefined where the system does not tell. */
function describe(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // from the third field, the state; a name may hold blanks
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))[1]);
    return { dead: fields[0] === 'Z' || fields[0] === 'X', started: (boot + Number(fields[19]) / TICKS) * 1000 };
  } catch {
    return undefined;
  }
}
