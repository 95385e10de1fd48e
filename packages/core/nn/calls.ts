import { descendants, Module } from './module.ts';

/** What is said of a place inside the gradient of a module: `decoders.0.1.norm1/gradient`. */
const GRADIENT = '/gradient';

const paths = new WeakMap<Module, string>();
const networks = new WeakMap<Module, Module>();
const running: string[] = [];
const failures = new WeakMap<object, string>();

/** Is called after each call of a module's `forward` with its path in its network, what it returned, and the network. */
type CallListener = (path: string, result: unknown, network: Module) => void;

const listeners = new Set<CallListener>();

/** Names the calls of all modules of a network by their paths from now on, such as `decoders.0.1.norm1`. */
export function nameCalls(network: Module): void {
  for (const [path, module] of descendants(network)) {
    if (!(module instanceof Module)) continue;
    const named = paths.has(module);
    paths.set(module, path);
    networks.set(module, network);
    if (!named && 'forward' in module) watch(module as Callable);
  }
}

/** Path of the module that is called now or whose gradient is computed now; empty outside of all. */
export function currentPath(): string {
  return running.at(-1) ?? '';
}

/** Runs `compute` as a part of the gradient of the module with this path. */
export function inGradient<T>(path: string, compute: () => T): T {
  return path === '' ? compute() : within(path.endsWith(GRADIENT) ? path : path + GRADIENT, compute);
}

/** Notes that an error, which is thrown later, belongs to the module that is called now. */
export function failHere(error: Error): void {
  const path = currentPath();
  if (path !== '' && !failures.has(error)) failures.set(error, path);
}

/** The innermost module (or gradient of one) in which an error was thrown. */
export function failurePath(error: Error): string | undefined {
  return failures.get(error);
}

/** Runs `compute` and tells the listener each call of a module in it. */
export function listeningToCalls<T>(listener: CallListener, compute: () => T): T {
  listeners.add(listener);
  try {
    return compute();
  } finally {
    listeners.delete(listener);
  }
}

/** For display: ``the gradient of `decoders.0.1.norm1` ``. */
export function describePath(path: string): string {
  return path.endsWith(GRADIENT) ? `the gradient of \`${path.slice(0, -GRADIENT.length)}\`` : `\`${path}\``;
}

type Callable = Module & { forward(...values: unknown[]): unknown };

function watch(module: Callable): void {
  const forward = (...values: unknown[]): unknown => {
    const path = paths.get(module)!;
    const result = within(path, () => Object.getPrototypeOf(module).forward.apply(module, values) as unknown);
    for (const listener of listeners) listener(path, result, networks.get(module)!);
    return result;
  };
  Object.defineProperty(module, 'forward', { value: forward });
}

function within<T>(path: string, compute: () => T): T {
  running.push(path);
  try {
    return compute();
  } catch (error) {
    failHere(error as Error);
    throw error;
  } finally {
    running.pop();
  }
}
