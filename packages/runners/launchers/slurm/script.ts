import { join } from 'node:path';
import { programOf } from '@dualprior/core';

const CHILD = join(import.meta.dirname, 'child.ts');

/**
 * What sbatch is given for a job array. The program takes the place of the shell, since only it gets the signal before the time runs out (`--signal=B:TERM`).
 * @param folder of the array
 * @param setup lines of the shell before it
 */
export function scriptOf(folder: string, setup: readonly string[] = []): string {
  const program = [process.execPath, ...programOf(CHILD), folder].map(quoted).join(' ');
  return ['#!/bin/bash', ...setup, `exec ${program}`, ''].join('\n');
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
