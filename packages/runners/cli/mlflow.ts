import { spelled, counted } from '@dualprior/core';
import { InvalidArgumentError, type Command } from 'commander';
import { describeOwed } from '../mlflow/file-delivery.ts';
import {
  endGroup,
  ensureLocalServer,
  findLocalServer,
  localServerFolder,
  startLocalServer,
  stopLocalServer,
} from '../mlflow/local-server.ts';
import { pushRun } from '../mlflow/push.ts';
import { EXIT, fromUser, newCommand, parse, runCommand } from './command.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (flags: { json?: boolean }, json: unknown, text: string): void =>
  void process.stdout.write(`${flags.json ? JSON.stringify(json) : text}\n`);

const program = newCommand('mlflow')
  .description('Runs a local MLflow server (loopback only, SQLite), and delivers what a run could not.')
  .option('--port <port>', 'listen here (default: 5000, or the next free port)', port)
  .option('--background', `start it and return; ${spelled('mlflow stop')} ends it`)
  .option('--json', 'print one JSON document on standard output')
  .action((flags: { port?: number; background?: boolean; json?: boolean }) =>
    runCommand(() => (flags.background ? background(flags) : foreground(flags))),
  );

program
  .command('stop')
  .description('stop the local server; its data stays')
  .action((_: object, command: Command) =>
    runCommand(async () => {
      const stopped = await stopLocalServer();
      const text = stopped
        ? `The local MLflow server at ${stopped.uri} is stopped.`
        : 'No local MLflow server is running.';
      print(command.optsWithGlobals(), { stopped: stopped?.uri ?? null }, text);
    }),
  );

program
  .command('status')
  .description('whether the local server runs, and where')
  .action((_: object, command: Command) =>
    runCommand(async () => {
      const server = await findLocalServer();
      const data = localServerFolder();
      const text = server
        ? `MLflow ${server.version} runs at ${server.uri} (process ${server.pid}); its data: ${data}`
        : `No local MLflow server is running; its data: ${data}`;
      print(
        command.optsWithGlobals(),
        { running: server !== undefined, uri: server?.uri ?? null, pid: server?.pid ?? null, data },
        text,
      );
    }),
  );

program
  .command('push')
  .description('deliver what is in a run directory but not on the server; can be repeated')
  .argument('<run>', 'the run directory, e.g. runs/quickstart-0123456789ab')
  .option(
    '--uri <uri>',
    'the server (default: MLFLOW_TRACKING_URI, else the one that the run names, without your credentials, else the local one)',
  )
  .action((run: string, flags: { uri?: string }, command: Command) =>
    runCommand(async () => {
      const { records, address, notes, missing } = await pushRun(fromUser(run), { uri: flags.uri, log });
      notes.forEach(log);
      if (missing.length > 0) {
        log(
          `${counted(missing.length, 'file')} did not arrive; the same command tries again. ${describeOwed(missing)}`,
        );
      }
      const { uri, experimentId, runId } = address;
      const all = missing.length > 0 ? 'Everything else' : 'Everything';
      const what = records > 0 ? `${counted(records, 'record')} delivered` : `${all} had arrived before`;
      print(
        command.optsWithGlobals(),
        { records, mlflow: { uri, experimentId, runId }, notes, missing },
        `${what}: ${address.page ?? uri}`,
      );
      return missing.length > 0 ? EXIT.failed : EXIT.done;
    }),
  );

await parse(program);

async function background(flags: { port?: number; json?: boolean }): Promise<void> {
  const uri = await ensureLocalServer({ log, port: flags.port });
  print(flags, { uri }, `MLflow  ${uri}   (${spelled('mlflow stop')} ends it)`);
}

async function foreground(flags: { port?: number; json?: boolean }): Promise<void> {
  const running = await findLocalServer();
  if (running) {
    const uri = await ensureLocalServer({ log, port: flags.port });
    return print(flags, { uri }, `MLflow  ${uri}   (in the background; ${spelled('mlflow stop')} ends it)`);
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interruption.abort());
  const { server, child } = await startLocalServer({ log, port: flags.port }, false);
  const stop = () => void endGroup(server.pid);
  if (interruption.signal.aborted) stop();
  else interruption.signal.addEventListener('abort', stop);
  print(flags, { uri: server.uri }, `MLflow  ${server.uri}   (Ctrl-C stops it)`);
  const code = await new Promise<number | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('exit', resolve);
  });
  const stopped = interruption.signal.aborted || code === 0 || code === 143 || child.signalCode === 'SIGTERM';
  if (!stopped)
    throw new Error(`The MLflow server ended by itself with code ${code}; its log: ${localServerFolder()}/server.log`);
  log('The local MLflow server is stopped; its data stays.');
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65535)
    throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
  return value;
}
