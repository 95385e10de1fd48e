import { spawn } from 'node:child_process';

/** Something that the user must put right; shown without a stack trace. */
export class SetupError extends Error {}

/** Runs a program to its end. Errors: it is not there, or it fails; then `advice` and its last lines are the message. */
export async function run(program, parameters, { advice, onLine = () => {}, env = process.env, cwd } = {}) {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd });
  const tail = [];
  const read = (stream) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        tail.push(line);
        if (tail.length > 15) tail.shift();
        onLine(line);
      }
    });
    stream.on('end', () => rest && tail.push(rest));
  };
  read(child.stdout);
  read(child.stderr);
  const code = await new Promise((resolve) => child.on('error', () => resolve('not found')).on('close', resolve));
  if (code === 0) return;
  const found = code === 'not found' ? `\`${program}\` was not found.` : tail.join('\n');
  throw new SetupError(`${advice ?? `${program} failed.`}\n${found}`);
}
