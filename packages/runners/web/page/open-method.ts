import { catalogue, Parameters, parseSafetensors, transformOptions, type ComponentSpec } from '@dualprior/core/nn';
import type { Network } from '@dualprior/blocks/nn';
import type { Method } from '../../methods/method.ts';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { Model } from './model.ts';

/** Makes a method with its networks. @param read gives the bytes of a weights file */
export async function openMethod(
  model: Model,
  name: string,
  read: (file: string) => Promise<ArrayBuffer>,
): Promise<Method> {
  const { spec, networks } = model.methods.find((method) => method.name === name)!;
  const lent = new Map<string, TrainedNetwork>();
  for (const reference of networks) {
    const { spec: own, weights } = model.networks[reference]!;
    const module = create<Network>('network', own);
    const { tensors } = parseSafetensors(await read(weights.file), weights.file);
    lent.set(reference, { reference, module, parameters: new Parameters(module, tensors) });
  }
  return create<Method>('method', spec, lent);
}

/** A component with all that its options name. */
function create<T>(kind: string, spec: ComponentSpec, networks: ReadonlyMap<string, TrainedNetwork> = new Map()): T {
  const options = transformOptions(kind, spec, {
    component: (inner, part) => create(inner, part, networks),
    reference: (_section, text) => networks.get(text),
  });
  return new (catalogue.find(kind, spec.type)!.create)(options) as T;
}
