import type { Answer, Request } from './messages.ts';
import { BACKENDS, NAMES, type Backend } from './names.ts';
import { coloursOf, toPng, Trouble, type Photograph } from './photograph.ts';
import { inSeconds, type Restored, type Restoring, type Wishes } from './restoring.ts';

/** A backend that failed while it restored. */
class Broken extends Error {
  constructor(
    readonly backend: Backend,
    readonly why: string,
  ) {
    super(why);
  }
}

type Call = Parameters<Restoring['restore']>[2];

/** Restores with TensorFlow.js in a worker. Where a backend fails, the next one continues. */
export class InBrowser implements Restoring {
  #backends: readonly Backend[] = BACKENDS;
  #session: Session | undefined;
  #method = '';

  /** @param tell called with the backend that computes, once that is known */
  constructor(private readonly tell: (backend: Backend | undefined) => void) {}

  /** Computes with these backends only, the first that works. */
  use(backends: readonly Backend[]): void {
    this.#close();
    this.#backends = backends;
    if (this.#method !== '') this.prepare(this.#method);
  }

  prepare(method: string): void {
    this.#method = method;
    this.#open().load(method);
  }

  async restore(photograph: Photograph, wishes: Wishes, call: Call): Promise<Restored> {
    const notes: string[] = [];
    const stop = () => this.#close();
    call.signal.addEventListener('abort', stop);
    for (;;) {
      try {
        const restored = await this.#open().restore(photograph, wishes, call);
        call.signal.removeEventListener('abort', stop);
        return { ...restored, notes };
      } catch (error) {
        if (call.signal.aborted || !(error instanceof Broken)) throw error;
        this.#close();
        this.#backends = this.#backends.filter((backend) => backend !== error.backend);
        const stopped = `${NAMES[error.backend]} stopped working${error.why && ` (${error.why})`}.`;
        const [next] = this.#backends;
        if (!next) throw new Trouble(`${stopped} Try smaller tiles, or a smaller photograph.`);
        notes.push(`${stopped} The photograph was restored again without it.`);
        call.progress(`${stopped} Trying ${NAMES[next]} …`);
      }
    }
  }

  #open(): Session {
    this.#session ??= new Session(this.#backends, this.tell);
    return this.#session;
  }

  #close(): void {
    this.#session?.end();
    this.#session = undefined;
  }
}

/** One worker, with one backend. */
class Session {
  readonly #worker = new Worker('worker.js');
  readonly #backend: Promise<Backend | undefined>;
  #hear: (answer: Answer) => void = () => {};
  #gone: Extract<Answer, { kind: 'broken' }> | undefined;

  constructor(backends: readonly Backend[], tell: (backend: Backend | undefined) => void) {
    this.#backend = new Promise((done) => {
      this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
        if (data.kind === 'broken') this.#gone = data;
        if (data.kind !== 'opened') return this.#hear(data);
        tell(data.backend);
        done(data.backend);
      });
    });
    this.#worker.addEventListener('error', ({ message }) => this.#hear({ kind: 'failed', message }));
    this.#ask({ kind: 'open', backends });
  }

  load(method: string): void {
    void this.#backend.then((backend) => backend && this.#ask({ kind: 'load', method }));
  }

  /** Errors: `Trouble`; `Broken`. */
  async restore(
    photograph: Photograph,
    { method, tile }: Wishes,
    { signal, progress }: Call,
  ): Promise<Omit<Restored, 'notes'>> {
    progress('Starting …');
    const backend = await this.#backend;
    if (!backend) {
      throw new Trouble(
        'This browser has none of WebGPU, WebGL and WebAssembly as they are needed here. Current versions of Chrome, Edge, Firefox and Safari do.',
      );
    }
    const { width, height } = photograph.image;
    const with_ = NAMES[backend];
    const { data, tiles, seconds } = await new Promise<Extract<Answer, { kind: 'restored' }>>((done, failed) => {
      signal.addEventListener('abort', () => failed(new DOMException('stopped', 'AbortError')));
      this.#hear = (answer) => {
        if (answer.kind === 'restored') done(answer);
        else if (answer.kind === 'failed') failed(new Trouble(answer.message));
        else if (answer.kind === 'broken') failed(new Broken(backend, answer.message));
        else if (answer.kind === 'progress') progress(`Restoring with ${with_} …`, answer.share);
        else if (answer.kind === 'loading') progress('Loading the network …', answer.loaded / answer.bytes);
      };
      if (this.#gone) return failed(new Broken(backend, this.#gone.message));
      progress(`Restoring with ${with_} …`);
      const colours = coloursOf(photograph.image);
      this.#ask({ kind: 'restore', method, width, height, data: colours, tile }, [colours.buffer]);
    });
    const image = await toPng(data, photograph);
    return { image, facts: [inSeconds(seconds), with_, tiles === 1 ? 'untiled' : `${tiles} tiles`] };
  }

  end(): void {
    this.#worker.terminate();
  }

  #ask(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }
}
