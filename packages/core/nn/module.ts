import { Buffer, Parameter } from './parameter.ts';

/**
 * A piece of a network: parameters, buffers and other modules, held in plain fields (or arrays of them). The
 * field names are the names of the official PyTorch release, so that `encoders.0.1.norm1.weight` here is
 * `encoders.0.1.norm1.weight` there. Constructing a module makes no tensors.
 */
export abstract class Module {
  /** Parameters with their state-dict names, in the order of the fields. */
  parameters(): Map<string, Parameter> {
    return filter(this, (tensor): tensor is Parameter => !(tensor instanceof Buffer));
  }

  /** Buffers with their state-dict names. */
  buffers(): Map<string, Buffer> {
    return filter(this, (tensor) => tensor instanceof Buffer);
  }
}

function filter<T extends Parameter>(module: Module, keep: (tensor: Parameter) => tensor is T): Map<string, T> {
  const isKept = (entry: [string, Module | Parameter]): entry is [string, T] =>
    entry[1] instanceof Parameter && keep(entry[1]);
  return new Map(descendants(module).filter(isKept));
}

/** The module itself and all modules, parameters and buffers in it, by their paths (its own is empty). */
export function descendants(module: Module): [string, Module | Parameter][] {
  const found: [string, Module | Parameter][] = [];
  collect(module, '', found);
  return found;
}

function collect(node: unknown, path: string, found: [string, Module | Parameter][]): void {
  if (node instanceof Parameter) found.push([path, node]);
  else if (node instanceof Module || Array.isArray(node)) {
    if (node instanceof Module) found.push([path, node]);
    for (const key of Object.keys(node)) {
      const child = (node as unknown as Record<string, unknown>)[key];
      if (typeof child === 'object') collect(child, path ? `${path}.${key}` : key, found);
    }
  }
}
