import { Parameters, type Module, type StateDict } from '@dualprior/core/nn';

interface Loaded<T extends Module> {
  readonly module: T;
  readonly parameters: Parameters;
}

interface Entry {
  readonly loading: Promise<Loaded<Module>>;
  users: number;
}

/** All that is loaded in this process; nobody changes it, so whoever asks for the same numbers can have the same ones. */
const entries = new Map<string, Entry>();

/** A frozen module with numbers that are made once for each key, while anyone in the process uses it. */
export class SharedModule<T extends Module> {
  #loaded: Loaded<T> | undefined;
  #holds = false;

  constructor(
    /** Equal for equal modules with equal numbers. */
    readonly key: string,
    private readonly load: () => Promise<{ readonly module: T; readonly state: StateDict }>,
  ) {}

  /** Loads it, or finds it loaded. May be called again; `dispose` ends it. */
  async prepare(): Promise<void> {
    if (this.#holds) return;
    this.#holds = true;
    const entry = entries.get(this.key) ?? { loading: this.#make(), users: 0 };
    entries.set(this.key, entry);
    entry.users++;
    try {
      this.#loaded = (await entry.loading) as Loaded<T>;
    } catch (error) {
      this.#holds = false;
      entries.delete(this.key);
      throw error;
    }
  }

  /** Runs `compute` while the module's parameters have values. */
  use<R>(compute: (module: T) => R): R {
    if (!this.#loaded) throw new Error(`${this.key} was used before it was prepared.`);
    const { module, parameters } = this.#loaded;
    return parameters.use(() => compute(module));
  }

  dispose(): void {
    const [entry, loaded] = [entries.get(this.key), this.#loaded];
    if (!entry || !loaded) return;
    this.#loaded = undefined;
    this.#holds = false;
    if (--entry.users > 0) return;
    entries.delete(this.key);
    loaded.parameters.dispose();
  }

  async #make(): Promise<Loaded<T>> {
    const { module, state } = await this.load();
    return { module, parameters: new Parameters(module, state) };
  }
}
