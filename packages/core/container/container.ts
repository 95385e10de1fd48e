import 'reflect-metadata';
import { container as root, type DependencyContainer, type InjectionToken } from 'tsyringe';
import { WEIGHTS_FILES } from '../checkpoint/weights-files.ts';
import { weightsOnDisk } from '../checkpoint/weights-on-disk.ts';
import type { Experiment } from '../config/experiment.ts';
import { ConfigError } from '../config/findings.ts';
import { SECTION_NAMES, SECTIONS, type Section } from '../config/schema.ts';
import { CREDENTIALS } from '../credentials/credentials.ts';
import { UserError } from '../errors/user-error.ts';
import { catalogue } from '../component/catalogue.ts';
import type { Component } from '../component/component.ts';
import type { ComponentSpec } from '../component/spec.ts';
import { transformOptions } from '../component/transform.ts';

export interface ContainerOptions {
  /** What components may have injected, by token. */
  readonly services?: readonly (readonly [InjectionToken, unknown])[];
  /** How references to a section are answered, instead of by its one instance; asked once for each reference. */
  readonly resolve?: { readonly [section in Section]?: (reference: string) => unknown };
}

/** Makes the components of one run. Containers of two runs share nothing. */
export class Container {
  readonly #services: DependencyContainer = root.createChildContainer();
  /** Names of the entries made so far, by section and instance. */
  readonly #names = new Map<Section, Map<unknown, string>>();
  readonly #resolve: NonNullable<ContainerOptions['resolve']>;

  constructor(
    readonly experiment: Experiment,
    { services = [], resolve = {} }: ContainerOptions = {},
  ) {
    this.#resolve = resolve;
    this.#services.registerInstance(CREDENTIALS, experiment.credentials);
    this.#services.registerInstance(WEIGHTS_FILES, weightsOnDisk);
    for (const [token, value] of services) this.#services.registerInstance(token, value);
    for (const section of SECTION_NAMES) {
      for (const [name, spec] of experiment.entries(section)) this.#register(section, name, spec);
    }
  }

  /** The one instance of an entry of a section. */
  get<T>(section: Section, name: string): T {
    this.experiment.entry(section, name);
    return this.#services.resolve<T>(token(section, name));
  }

  /** The name of the entry whose one instance this is; undefined if it is none that this container made. */
  nameOf(section: Section, instance: unknown): string | undefined {
    return this.#names.get(section)?.get(instance);
  }

  /**
   * A new instance of a component, with all that its options name.
   * Errors: what the constructor finds wrong with its options, with the place where they were written.
   */
  create<T>(kind: string, spec: ComponentSpec): T {
    const component = catalogue.find(kind, spec.type);
    if (!component) throw new Error(`There is no ${kind} of type "${spec.type}".`);
    const options = transformOptions(kind, without(spec, component.common ?? []), {
      component: (inner, part) => this.create(inner, part),
      reference: (section, text) => this.#reference(section as Section, text),
    });
    const services = (component.declaration.inject ?? []).map((wanted) => this.#service(component, wanted));
    return this.#construct(component as Component<T>, spec, options, services);
  }

  /**
   * Makes every component of these sections once, for what only their constructors can find wrong, and those of a kind in the
   * options of others (`{ stages: 'loss' }`), which are not made themselves. Errors: all of that together.
   */
  verify(sections: readonly Section[], parts: { readonly [section in Section]?: string } = {}): void {
    const { experiment } = this;
    const whole = sections.flatMap((section) =>
      [...experiment.entries(section).values()].map((spec) => ({ kind: SECTIONS[section] as string, spec })),
    );
    const inside = (Object.entries(parts) as [Section, string][]).flatMap(([section, kind]) =>
      [...experiment.entries(section).keys()].flatMap((name) =>
        experiment.components(section, name, kind).map((spec) => ({ kind, spec })),
      ),
    );
    const findings = [...whole, ...inside].flatMap(({ kind, spec }) => {
      try {
        this.create(kind, spec);
        return [];
      } catch (error) {
        if (error instanceof ConfigError) return error.findings;
        throw error;
      }
    });
    if (findings.length > 0) throw new ConfigError(findings);
  }

  #register(section: Section, name: string, spec: ComponentSpec): void {
    let made: { instance: unknown } | undefined;
    const names = this.#names.get(section) ?? new Map<unknown, string>();
    this.#names.set(section, names);
    this.#services.register(token(section, name), {
      useFactory: () => {
        made ??= { instance: this.create(SECTIONS[section], spec) };
        names.set(made.instance, name);
        return made.instance;
      },
    });
  }

  #reference(section: Section, text: string): unknown {
    const resolve = this.#resolve[section];
    return resolve ? resolve(text) : this.get(section, text);
  }

  #service({ kind, declaration }: Component, wanted: InjectionToken): unknown {
    if (this.#services.isRegistered(wanted, true)) return this.#services.resolve(wanted);
    const name = typeof wanted === 'function' ? wanted.name : String(wanted);
    throw new Error(`The ${kind} "${declaration.type}" requires the service ${name}, which is not registered.`);
  }

  #construct<T>(component: Component<T>, spec: ComponentSpec, options: object, services: unknown[]): T {
    try {
      return new component.create(options, ...services);
    } catch (error) {
      const place = this.experiment.origin(spec);
      if (!(error instanceof UserError) || error instanceof ConfigError || !place) throw error;
      throw new ConfigError([
        { place, message: `${catalogue.called(component.kind)} ${named(spec.type, error.message)}` },
      ]);
    }
  }
}

function named(type: string, message: string): string {
  return message.startsWith(`${type}: `) ? message : `${type}: ${message}`;
}

function without(spec: ComponentSpec, names: readonly string[]): ComponentSpec {
  const options = Object.entries(spec).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(options), type: spec.type };
}

function token(section: Section, name: string): string {
  return `entry ${section}.${name}`;
}
