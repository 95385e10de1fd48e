import type { Component } from './component.ts';
import type { SpecWithOptions } from './spec.ts';

/** Infers the type of a component from one of its options, where no type is given. */
interface Inference {
  readonly option: string;
  /** Undefined: the option does not tell. Errors: `UserError` where it should. */
  infer(value: unknown): SpecWithOptions | undefined;
}

/** All components of this process, by kind and type name. */
class Catalogue {
  readonly #kinds = new Map<string, Map<string, Component>>();
  readonly #called = new Map<string, string>();

  /** Says what users call a component of a kind. */
  call(kind: string, called: string): void {
    this.#called.set(kind, called);
  }

  /** A component of this kind, for display: `feature extractor` for `features`. */
  called(kind: string): string {
    return this.#called.get(kind) ?? kind;
  }
  readonly #inferences = new Map<string, Inference>();

  add(component: Component): void {
    const { kind, declaration } = component;
    const types = this.#kinds.get(kind) ?? new Map<string, Component>();
    const taken = types.get(declaration.type);
    if (taken) {
      throw new Error(
        `There is a ${kind} of type "${declaration.type}" already, declared in ${taken.file}. Give this one another name.`,
      );
    }
    types.set(declaration.type, component);
    this.#kinds.set(kind, types);
  }

  find(kind: string, type: string): Component | undefined {
    return this.#kinds.get(kind)?.get(type);
  }

  /** From then on, components of a kind need no type where one of their options tells it. */
  inferTypes(kind: string, inference: Inference): void {
    this.#inferences.set(kind, inference);
  }

  inference(kind: string): Inference | undefined {
    return this.#inferences.get(kind);
  }

  /** The type name of a component's instance, as YAML has it; undefined where it is of no component. */
  typeOf(kind: string, instance: object): string | undefined {
    return this.components(kind).find(({ create }) => create === instance.constructor)?.declaration.type;
  }

  /** The files that declare the components. */
  files(): Set<string> {
    return new Set(this.kinds().flatMap((kind) => this.components(kind).map(({ file }) => file)));
  }

  /** Kinds that have at least one component, sorted. */
  kinds(): string[] {
    return [...this.#kinds.keys()].sort();
  }

  /** The components of a kind, sorted by type name. */
  components(kind: string): Component[] {
    const types = [...(this.#kinds.get(kind)?.values() ?? [])];
    return types.sort((a, b) => (a.declaration.type < b.declaration.type ? -1 : 1));
  }
}

export const catalogue = new Catalogue();
