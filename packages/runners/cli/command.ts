import { isAbsolute, resolve } from 'node:path';
import { Command, Help } from 'commander';
import { spelled, standing, systemReason, UserError, type Problem, Interrupted } from '@dualprior/core';
import { keptByNpm } from './npm-options.ts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, userError: 2, interrupted: 130 } as const;

/** A command with `--help`; a wrong argument or flag ends it with exit code 2, and as `{errors: [...]}` with `--json`. */
export function newCommand(name: string): Command {
  const help = new Help();
  return new Command(name)
    .configureHelp({
      commandUsage: (command) => spelled(help.commandUsage(command)),
      optionDescription: (option) => help.optionDescription(option).replace(/ \(default: (\[\]|false)\)$/, ''), // of repeatable ones and switches
    })
    .exitOverride(({ exitCode, message }) => {
      if (exitCode !== 0 && process.argv.includes('--json')) {
        process.stdout.write(`${JSON.stringify({ errors: new UserError(message).problems })}\n`);
      }
      process.exit(exitCode === 0 ? EXIT.done : EXIT.userError);
    });
}

/**
 * Reads the command line and runs the command. A command line of which npm has kept a part is a mistake.
 * @param mistaken what else to type instead, where the command line is another program's
 */
export async function parse(program: Command, mistaken: () => string | undefined = () => undefined): Promise<void> {
  outliveReaders();
  endWithStarter();
  const mistake = keptByNpm(program) ?? mistaken();
  if (mistake !== undefined) return runCommand(() => Promise.reject(new UserError(mistake)));
  await program.parseAsync();
}

/** A path of the command line as an absolute one: relative to the working directory, also below `npm run`. */
export function fromUser(path: string): string {
  return isAbsolute(path) ? path : resolve(standing(), path);
}

/** Prints lines, or with `--json` one document. */
export function print(command: Command, json: unknown, lines: readonly string[]): void {
  const asJson = command.optsWithGlobals<{ json?: boolean }>().json;
  process.stdout.write(`${asJson ? JSON.stringify(json) : lines.join('\n')}\n`);
}

/** Collects the values of a repeatable option, in order. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/**
 * Runs a command to its end and exits, with the code that `main` returns, else 0. A user's mistake gives its message and
 * code 2, without a stack trace, and so does a disk that is full or may not be written; an interruption gives 130, anything else its stack
 * and 1. With `--json` each of them also gives `{errors: [...]}` on standard output.
 */
export async function runCommand(main: () => Promise<unknown>, argv: readonly string[] = process.argv): Promise<void> {
  process.exitCode = await main().then(
    (code) => (typeof code === 'number' ? code : EXIT.done),
    (error: unknown) => report(error, argv.includes('--json')),
  );
  await flush();
  process.exit();
}

/** Continues when nobody reads the output any more: `yarn experiment FILE | head`, a terminal that was closed. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')) throw error;
    });
  }
}

/** Ends when `tools/run.mjs`, which started this process, is killed; what can be interrupted saves its state first. */
function endWithStarter(): void {
  process.channel?.unref();
  process.on('disconnect', () => {
    if (process.listenerCount('SIGTERM') === 0) process.exit(EXIT.failed);
  });
}

function report(error: unknown, json: boolean): number {
  const { message, problems, code } = told(error);
  process.stderr.write(`${message}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ errors: problems })}\n`);
  return code;
}

interface Told {
  readonly message: string;
  readonly problems: readonly Problem[];
  readonly code: number;
}

function told(error: unknown): Told {
  if (error instanceof UserError) return { ...as(error), code: EXIT.userError };
  if (error instanceof Interrupted) return { ...as(new UserError(error.message)), code: EXIT.interrupted };
  const { message, stack, path }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  const reason = systemReason(error);
  if (reason === undefined) return { ...as(new UserError(message)), message: stack ?? message, code: EXIT.failed };
  const refused = `${path ?? 'A file'} cannot be written or read: ${reason}. What was saved stays; the same command continues from there.`;
  return { ...as(new UserError(refused)), code: EXIT.userError };
}

function as({ message, problems }: UserError): Omit<Told, 'code'> {
  return { message, problems };
}

/** Waits until a pipe has taken what was written. */
async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((done) => stream.write('', () => done()));
  }
}
