import { Buffer, descendants, Module, Parameter } from '@dualprior/core/nn';

/** A parameter that keeps the numbers that it is given, of a network that was trained before. */
export class FixedParameter extends Buffer {}

/** The same module with buffers in place of its parameters, so that no training changes them. Before anyone has given it numbers. */
export function fixed<T extends Module>(module: T): T {
  const modules = [...descendants(module)].flatMap(([, node]) => (node instanceof Module ? [node] : []));
  for (const each of modules) {
    for (const [name, field] of Object.entries(each)) {
      if (!(field instanceof Parameter) || field instanceof Buffer) continue;
      Object.assign(each, { [name]: new FixedParameter(field.shape, field.initial, field.layout) });
    }
  }
  return module;
}
