import { Buffer, descendants, Module, Parameter } from '@dualprior/core/nn';

/** A parameter that keeps the numbers that it is given, of a network that was trained before. */
class FixedParameter extends Buffer {}

/** The same module with buffers in place of its parameters, so that no training changes them. Before anyone has given it numbers. */
export function fixed<T extends Module>(module: T): T {
  const modules = descendants(module).flatMap(([, node]) => (node instanceof Module ? [node] : []));
  for (const each of modules) {
    for (const [name, field] of Object.entries(each)) {
      if (!(field instanceof Parameter) || field instanceof Buffer) continue;
      Object.assign(each, { [name]: new FixedParameter(field.shape, field.initial, field.layout) });
    }
  }
  return module;
}

/**
 * Count of the numbers that a network has learnt: its parameters, also those that stay as another network has learnt them (GFP-GAN's
 * decoder); statistics of batch normalisation, noise and the mean latent are none.
 */
export function parameterCount(module: Module): number {
  const fixed = [...module.buffers().values()].filter((buffer) => buffer instanceof FixedParameter);
  return [...module.parameters().values(), ...fixed].reduce((sum, { size }) => sum + size, 0);
}
