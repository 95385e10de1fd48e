import type { Optimizer } from '@dualprior/blocks';
import { gradientsOf, type Differentiated, type Parameters } from '@dualprior/core';
import type { NamedTensorMap, Rank, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

type Vector = Variable<Rank.R1>;
type Player = { readonly parameters: Parameters };

/** Networks that are trained against or with each other, by their roles, each with its optimizer. */
export class Players<Role extends string> {
  readonly #states: ReadonlyMap<Role, Map<string, Vector>>;

  constructor(
    readonly networks: Readonly<Record<Role, Player>>,
    readonly optimizers: Readonly<Record<Role, Optimizer>>,
  ) {
    this.#states = new Map(
      this.#roles.map((role) => [role, optimizers[role].state(networks[role].parameters.count)] as const),
    );
  }

  /** Parameters and states of the optimizers: what resuming needs of them, by name. */
  get variables(): [name: string, Vector][] {
    return this.#roles.flatMap((role): [string, Vector][] => [
      [role, this.networks[role].parameters.vector],
      ...[...this.#states.get(role)!].map(([name, variable]): [string, Vector] => [
        `${role}.optimizer.${name}`,
        variable,
      ]),
    ]);
  }

  /** Differentiates `phase`, in which every player has its numbers, by those of one player, and gives that a step. */
  descend<Seen extends NamedTensorMap>(
    role: Role,
    rate: Scalar,
    phase: () => Differentiated<Seen>,
  ): Differentiated<Seen> {
    const { loss, seen, gradients } = gradientsOf([this.networks[role].parameters], () => this.#using(role, phase));
    this.update(role, gradients[0]!, rate);
    return { loss, seen };
  }

  update(role: Role, gradient: readonly Tensor[], rate: Scalar): void {
    this.optimizers[role].update(this.networks[role].parameters.vector, gradient, this.#states.get(role)!, rate);
  }

  /** Frees the states of the optimizers; the networks are others'. */
  dispose(): void {
    for (const state of this.#states.values()) for (const variable of state.values()) variable.dispose();
  }

  get #roles(): Role[] {
    return Object.keys(this.networks) as Role[];
  }

  #using<T>(role: Role, phase: () => T): T {
    const others = this.#roles.filter((other) => other !== role).map((other) => this.networks[other].parameters);
    return others.reduce<() => T>((inner, parameters) => () => parameters.use(inner), phase)();
  }
}
