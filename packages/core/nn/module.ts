import { Buffer, Parameter } from './parameter.ts';

/**
 * A piece of a network: parameters, buffers and other modules, held in plain fields (or arrays of them). The
 * field names are the names of the official PyTorch release, so that `encoders.0.1.norm1.weight` here is
 * `encoders.0.1.norm1.weight` there. Constructing a module makes no tensors.
 */
export abstract class Module {
  /** Parameters with their state-dict names, in the order of the fields. */
  parameters(): Map<string, Parameter> {
    return filter(this, (tensor) => !(tensor instanceof Buffer));
  }

  /** Buffers with their state-dict names. */
  buffers(): Map<string, Buffer> {
    return filter(this, (tensor) => tensor instanceof Buffer);
  }
}

function filter(module: Module, keep: (tensor: Parameter) => boolean): Map<string, Parameter> {
  return new Map([...walk(module, '')].filter(([, tensor]) => keep(tensor)));
}

function* walk(node: unknown, name: string): Generator<[string, Parameter]> {
  if (node instanceof Parameter) yield [name, node];
  else if (node instanceof Module || Array.isArray(node)) {
    for (const [key, child] of Object.entries(node)) yield* walk(child, name ? `${name}.${key}` : key);
  }
}
