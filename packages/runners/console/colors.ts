import { createColors } from 'picocolors';
import type { Terminal } from './progress.ts';

/** Whether a stream is a terminal that understands escape codes. */
export function isInteractive(stream: Terminal, env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(stream.isTTY) && env['TERM'] !== 'dumb';
}

/** Bold and coloured text for a stream; plain where it is no terminal, or where `NO_COLOR` is set (https://no-color.org). */
export function colorsOf(stream: Terminal, env: NodeJS.ProcessEnv = process.env): ReturnType<typeof createColors> {
  return createColors(isInteractive(stream, env) && !env['NO_COLOR']);
}
