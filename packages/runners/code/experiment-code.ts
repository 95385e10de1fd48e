import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Component, Experiment } from '@dualprior/core';
import type { Code } from './code.ts';
import { fingerprints, MADE_BY } from './fingerprints.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** Draws the samples of every data set. */
const SAMPLING = join(ROOT, 'packages', 'blocks', 'data', 'sampler', 'sampler.ts');
/** Operations of our own in C++. */
const NATIVE = join(ROOT, 'packages', 'core', 'engine', 'native');

/** Fingerprints of the code behind the stages and methods of an experiment, in this checkout. */
export class ExperimentCode {
  private constructor(
    readonly experiment: Experiment,
    private readonly known: ReadonlyMap<string, string>,
  ) {}

  static async read(experiment: Experiment): Promise<ExperimentCode> {
    const sections = ['stages', 'methods', 'metrics', 'data'] as const;
    const components = sections.flatMap((section) =>
      [...experiment.entries(section).keys()].flatMap((name) => [...experiment.componentsOf(section, name).values()]),
    );
    const files = new Set([...components.map(({ file }) => file), SAMPLING]);
    return new ExperimentCode(experiment, await fingerprints(ROOT, [...files]));
  }

  ofStage(name: string): Code {
    return this.#code(this.experiment.componentsOf('stages', name));
  }

  /** @param method a row of the table: a method, or the degraded input, which no code makes */
  ofRow(method: string): Code {
    const { experiment } = this;
    const all = [
      ...(experiment.entries('methods').has(method) ? experiment.componentsOf('methods', method) : []),
      ...[...experiment.entries('metrics').keys()].flatMap((name) => [...experiment.componentsOf('metrics', name)]),
      ...experiment.componentsOf('data', experiment.config.evaluation!.data),
    ];
    return this.#code(new Map(all));
  }

  #code(components: ReadonlyMap<string, Component>): Code {
    const parts = [...components].map(([name, { file }]) => [name, this.known.get(file)!] as const);
    const all = [...parts, ['sampling', this.known.get(SAMPLING)!], ['operations', operations()]] as const;
    return { by: MADE_BY, parts: Object.fromEntries(all) };
  }
}

let known: string | undefined;

/** Fingerprint of the native operations, without comments and white space. */
function operations(): string {
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const file of readdirSync(NATIVE, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(cc|h)$/.test(file)) continue;
    const text = readFileSync(join(NATIVE, file), 'utf8');
    hash.update(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '').replaceAll(/\s+/g, ' '));
  }
  return (known = hash.digest('hex').slice(0, 16));
}
