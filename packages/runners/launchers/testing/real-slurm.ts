import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DAEMONS = ['munged', 'slurmctld', 'slurmd'];
const TOOLS = ['mungekey', 'sbatch', 'setpriv'];
/** ms in which the daemons are up. */
const PATIENCE = 30_000;

/** Why no Slurm of its own can be started here; undefined where it can. */
export function slurmIsMissing(): string | undefined {
  const missing = [...DAEMONS, ...TOOLS].filter((name) => pathOf(name) === undefined);
  if (missing.length > 0) return `${missing.join(', ')} not found (Debian: apt-get install slurm-wlm munge)`;
  return process.getuid?.() === 0 ? undefined : 'slurmd must be started by root';
}

/** A Slurm of one node with a folder, a key and ports of its own: controller, node and authentication. */
export class RealSlurm {
  readonly folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  readonly #conf = join(this.folder, 'slurm.conf');
  readonly #daemons = new Map<string, ChildProcess>();
  #ports: readonly number[] = [];

  /** What a command of Slurm needs to reach it. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, SLURM_CONF: this.#conf };
  }

  async start(): Promise<void> {
    chmodSync(this.folder, 0o755); // munged refuses a socket in a folder that others cannot reach
    for (const name of ['state', 'spool', 'munge']) mkdirSync(join(this.folder, name), { mode: 0o755 });
    execFileSync(pathOf('mungekey')!, ['--create', `--keyfile=${join(this.folder, 'munge', 'key')}`]);
    this.#ports = await freePorts(2);
    writeFileSync(this.#conf, this.#configuration());
    const munge = (name: string) => join(this.folder, 'munge', name);
    const files = ['--log-file=log', '--pid-file=pid', '--seed-file=seed', '--key-file=key', '--socket=socket'].map(
      (flag) => flag.replace(/=(\w+)$/, (_, name: string) => `=${munge(name)}`),
    );
    this.#daemon('munged', ['--foreground', '--force', ...files]);
    while (!existsSync(munge('socket'))) await sleep(50);
    this.startController();
    this.#daemon('slurmd', ['-D']);
    const until = Date.now() + PATIENCE;
    while (!this.#says('sinfo', '--noheader', '--format=%T').includes('idle')) {
      if (Date.now() > until) throw new Error(`Slurm does not start: ${this.#logs()}`);
      await sleep(200);
    }
  }

  startController(): void {
    this.#daemon('slurmctld', ['-D']);
  }

  async stopController(): Promise<void> {
    await this.#end('slurmctld');
  }

  /** Output of a command of Slurm. Errors: it failed. */
  run(command: string, ...parameters: string[]): string {
    return execFileSync(command, parameters, { env: this.env, encoding: 'utf8' });
  }

  /** Ends its jobs and daemons, and removes its folder. */
  async stop(): Promise<void> {
    this.#says('scancel', `--user=${process.getuid!()}`);
    const until = Date.now() + PATIENCE;
    while (this.#says('squeue', '--noheader').trim() !== '' && Date.now() < until) await sleep(200);
    for (const name of [...DAEMONS].reverse()) await this.#end(name);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** It ends with this process, however that ends. */
  #daemon(name: string, parameters: readonly string[]): void {
    const program = ['--pdeathsig', 'TERM', pathOf(name)!, ...parameters];
    this.#daemons.set(name, spawn('setpriv', program, { env: this.env, stdio: 'ignore' }));
  }

  async #end(name: string): Promise<void> {
    const daemon = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((done) => daemon.once('exit', done));
    daemon.kill();
    await ended;
  }

  #says(command: string, ...parameters: string[]): string {
    return spawnSync(command, parameters, { env: this.env, encoding: 'utf8' }).stdout;
  }

  #logs(): string {
    const files = ['slurmctld.log', 'slurmd.log', 'munge/log'].map((name) => join(this.folder, name));
    return files.flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').slice(-1000) : [])).join('\n');
  }

  /** Jobs are killed a few seconds after the signal to end, and start over soon after a requeue (`cred_expire`). */
  #configuration(): string {
    const [controller, node] = this.#ports;
    const host = hostname().split('.')[0]!;
    const at = (name: string) => join(this.folder, name);
    return [
      'ClusterName=test',
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${controller}`,
      `SlurmdPort=${node}`,
      'SlurmUser=root',
      'AuthType=auth/munge',
      `AuthInfo=socket=${at('munge/socket')},cred_expire=5`,
      `StateSaveLocation=${at('state')}`,
      `SlurmdSpoolDir=${at('spool')}`,
      `SlurmctldPidFile=${at('slurmctld.pid')}`,
      `SlurmdPidFile=${at('slurmd.pid')}`,
      `SlurmctldLogFile=${at('slurmctld.log')}`,
      `SlurmdLogFile=${at('slurmd.log')}`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_Core_Memory',
      'DefMemPerCPU=3000',
      'JobAcctGatherType=jobacct_gather/linux', // in place of cgroups: it ends jobs that take more memory than they have
      'JobAcctGatherFrequency=task=1',
      'JobAcctGatherParams=OverMemoryKill',
      'MpiDefault=none',
      'MailProg=/bin/true',
      'ReturnToService=2',
      'KillWait=20',
      'SchedulerParameters=sched_interval=1,sched_min_interval=1,batch_sched_delay=0,default_queue_depth=100',
      `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=6000`,
      `PartitionName=work Nodes=${host} Default=YES MaxTime=1:00:00 State=UP`,
      '',
    ].join('\n');
  }
}

function pathOf(program: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, program)).find((file) => existsSync(file));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
