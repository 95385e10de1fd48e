import { showValue, type StateDict } from '@dualprior/core/nn';
import type { Traits } from '../layouts/part.ts';

const EVERYWHERE = /(?:)/;

/** What NVlabs' pickled modules say beside their tensors: constructor arguments and what follows from them. */
export class NvlabsAttributes {
  readonly #all: readonly { readonly module: string; readonly name: string; readonly value: unknown }[];

  /** @param attributes by the path of the module: `synthesis.b4.conv1.conv_clamp` */
  constructor(attributes: ReadonlyMap<string, unknown>) {
    this.#all = [...attributes].map(([path, value]) => {
      const dot = path.lastIndexOf('.');
      return { module: path.slice(0, Math.max(0, dot)), name: path.slice(dot + 1), value };
    });
  }

  /** The different values of an attribute, of the modules whose path matches. */
  values(name: string, modules: RegExp = EVERYWHERE): unknown[] {
    return [...new Set(this.#of(name, modules).map(({ value }) => value))];
  }

  /** Our option with the value of their attribute; none where they do not say it. */
  trait(option: string, name: string, modules?: RegExp): Traits {
    const [value] = this.values(name, modules);
    return value === undefined ? {} : { [option]: value as number | null };
  }

  /** A line for each module that has another value than those allowed. */
  others(name: string, allowed: readonly unknown[], modules: RegExp = EVERYWHERE): string[] {
    return this.#of(name, modules)
      .filter(({ value }) => !allowed.includes(value))
      .map(({ module, value }) => {
        const what = module === '' ? name : `${name} of ${module}`;
        return `${what} is ${show(value)}${allowed.length > 0 ? `, not ${allowed.map(show).join(' or ')}` : ''}`;
      });
  }

  /** A line if modules differ in an attribute. */
  several(name: string, modules?: RegExp): string[] {
    const values = this.values(name, modules);
    return values.length > 1 ? [`${name} is ${values.map(show).join(' and ')}, not the same in all layers`] : [];
  }

  /** A line if the network takes labels beside its input. */
  conditional(tensors: StateDict): string[] {
    const [labels = 0] = this.values('c_dim', /^$/);
    if (labels === 0 && !tensors.has('mapping.embed.weight')) return [];
    return [`c_dim is ${labels === 0 ? 'not 0' : show(labels)}: it takes labels, which networks here do not`];
  }

  /** A clause if some resolutions were trained in float16. */
  halves(): string[] {
    const count = this.#of('use_fp16', EVERYWHERE).filter(({ value }) => value === true).length;
    if (count === 0) return [];
    return [
      `its ${count === 1 ? 'highest resolution was' : `${count} highest resolutions were`} trained in float16, computed here in float32`,
    ];
  }

  #of(name: string, modules: RegExp) {
    return this.#all.filter((each) => each.name === name && modules.test(each.module));
  }
}

function show(value: unknown): string {
  return value === null ? 'None' : showValue(value);
}
