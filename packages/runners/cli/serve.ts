import { once } from 'node:events';
import { basename } from 'node:path';
import { Option } from 'commander';
import { UserError } from '@dualprior/core';
import '../catalogue.ts';
import { Console } from '../console/console.ts';
import { bytesOf } from '../restore/bytes.ts';
import { methodsOfRun } from '../restore/open-run.ts';
import { openRestorer } from '../restore/open-restorer.ts';
import { openMethod } from '../restore/restore.ts';
import { restoreServer } from '../restore/serve/server.ts';
import { experimentOfRun } from '../store/experiment-of-run.ts';
import { samplesOf } from '../web/samples.ts';
import { servedPage } from '../web/served-page.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';
import { interruptible } from './interruptible.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  weights?: string;
  host: string;
  port: number;
  maxSize: string;
  maxMegapixels: number;
  timeout: number;
  queue: number;
  tile: number;
  memory?: string;
  aligned?: boolean;
  device?: 'auto' | 'cpu' | 'gpu';
}

const program = newCommand('serve')
  .description('Restores photographs on a page, and for programs with POST /restore?method=NAME.')
  .argument('[run]', 'run directory, e.g. runs/quickstart-0123456789ab')
  .option('--weights <file>', 'a weights file, instead of a run')
  .option('--host <address>', 'address to listen on; 0.0.0.0 is reachable from other machines', '127.0.0.1')
  .option('--port <number>', 'port; 0 chooses a free one', wholeNumber(0, 65_535), 8000)
  .option('--max-size <size>', 'maximum size of a file', '32M')
  .option('--max-megapixels <number>', 'maximum size of a photograph, in millions of pixels', wholeNumber(1, 268), 24)
  .option('--timeout <seconds>', 'time limit for a photograph', wholeNumber(1, 86_400), 300)
  .option('--queue <number>', 'maximum number of waiting photographs', wholeNumber(1, 1000), 8)
  .option('--tile <pixels>', 'side of the tiles; a request can be stopped between tiles', wholeNumber(1, 100_000), 1024)
  .option('--aligned', 'for methods of aligned faces: photographs are crops of the size of the method')
  .option('--memory <size>', 'memory limit of the process, e.g. 4G (default: most of the free memory)')
  .addOption(new Option('--device <device>', 'where to compute').choices(['auto', 'cpu', 'gpu']))
  .action((run: string | undefined, flags: Flags) => runCommand(() => main(run && fromUser(run), flags)));

await parse(program);

async function main(run: string | undefined, flags: Flags): Promise<void> {
  const console = new Console();
  const { host, port, device } = flags;
  const weights = flags.weights && fromUser(flags.weights);
  const memory = flags.memory === undefined ? undefined : bytesOf(flags.memory, '--memory');
  const methods = weights === undefined && run !== undefined ? await methodsOfRun(run) : ['default'];
  const open = async (method: string) => {
    const source = { run, weights, device, ...(weights === undefined && { method }) };
    const opened = await openMethod(source, console);
    const aligned = flags.aligned && opened.method.isForAlignedFaces;
    return openRestorer(opened, { memory, tile: flags.tile, aligned, takesCrops: true });
  };
  const first = await open(methods[0]!);
  const samples = run === undefined ? [] : samplesOf(run);
  const title = run === undefined ? basename(weights!) : (await experimentOfRun(run)).name;
  const server = restoreServer({
    methods,
    open: (method) => (method === methods[0] ? first : open(method)),
    page: () => servedPage({ title, methods, samples }),
    limits: {
      bytes: bytesOf(flags.maxSize, '--max-size'),
      pixels: flags.maxMegapixels * 1e6,
      time: flags.timeout * 1000,
      queue: flags.queue,
    },
    isLocal: /^(127\.|localhost$|::1$)/.test(host),
    console,
  });
  const signal = interruptible(console, 'Stopping the server');
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw listenError(error as NodeJS.ErrnoException, flags);
  });
  const address = server.address();
  const shown = typeof address === 'object' && address ? address.port : port;
  process.stdout.write(`http://${host}:${shown}/${samples.length > 0 ? '?sample=1' : ''}\n`);
  console.info('Open this address in a browser. Press Ctrl-C to stop.');
  if (!signal.aborted) await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
}

function listenError(error: NodeJS.ErrnoException, { host, port }: Flags): Error {
  if (error.code === 'EADDRINUSE')
    return new UserError(`Port ${port} is taken. Give another one with --port, or 0 for a free one.`);
  if (error.code === 'EACCES') return new UserError(`Port ${port} may not be used. Give one above 1023 with --port.`);
  if (['EADDRNOTAVAIL', 'ENOTFOUND'].includes(error.code ?? ''))
    return new UserError(`--host ${host} is no address of this machine.`);
  return error;
}
