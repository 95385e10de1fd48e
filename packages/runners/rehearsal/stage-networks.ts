import { parameterCount, type Network } from '@dualprior/blocks';
import { parseNetworkReference, type Container, type Experiment } from '@dualprior/core';
import type { Stage } from '../stages/stage.ts';

/** A network that a stage needs. */
export interface StageNetwork {
  readonly reference: string;
  /** Count of the numbers that it has learnt (`parameterCount`), and of those of them that can be trained. */
  readonly parameters: number;
  readonly trainable: number;
  /** Whether the stage trains it; else it stays as it is. */
  readonly trained: boolean;
}

/** The networks of a stage, those that it trains first. `untrained` makes stages whose networks have no numbers. */
export function stageNetworks(name: string, experiment: Experiment, untrained: Container): StageNetwork[] {
  const { trains } = untrained.get<Stage>('stages', name);
  const trained = new Set([...trains.values()].map(({ reference }) => reference));
  const used = [...experiment.networkRoles('stages', name).values()];
  return [...new Set([...trained, ...used])].map((reference) => {
    const spec = experiment.entry('networks', parseNetworkReference(reference).network);
    const module = untrained.create<Network>('network', spec);
    const trainable = [...module.parameters().values()].reduce((sum, { size }) => sum + size, 0);
    return { reference, parameters: parameterCount(module), trainable, trained: trained.has(reference) };
  });
}
