import { Type, type Static, type TObject, type TProperties } from '@sinclair/typebox';
import type { InjectionToken } from 'tsyringe';
import { catalogue } from './catalogue.ts';
import type { AnyDeclaration, Declaration } from './component.ts';
import { withOptions, type ComponentSpec } from './spec.ts';
import { optionOf, type TResolved } from './written-options.ts';

type Injected<Tokens extends readonly InjectionToken[]> = {
  [I in keyof Tokens]: Tokens[I] extends InjectionToken<infer T> ? T : never;
};

/** The compiler asks for answers where a kind has questions without a default. */
type Answering<Facts> = [Facts] extends [never]
  ? unknown
  : Record<never, never> extends Facts
    ? unknown
    : { about: unknown };

/** Names of the schema keywords that mark an option as something the container resolves. */
export const COMPONENT = 'x-component';
export const REFERENCE = 'x-reference';
/** Name of the schema keyword of a reference that says which part of the entry is read, where it is not all. */
export const READS = 'x-reads';

interface KindOptions<Facts> {
  /** Options that every component of the kind has beside its own, and that whoever makes networks, losses, ... sees to. */
  readonly common?: TProperties;
  /** The answers of components that say nothing, where that is right for them. */
  readonly facts?: Facts;
  /** One component of the kind, for display, where its key is another word. */
  readonly called?: string;
}

/**
 * A kind of component (network, loss, ...), and with it the type that all components of the kind share.
 *
 *     export const losses = new Kind<Loss>('loss');
 *
 *     @losses.component({ type: 'l1', description: 'mean absolute error', options: Type.Object({}) })
 *     export class L1 implements Loss { ... }
 *
 * The decorator checks at compile time that the class takes the options of its schema first,
 * then the injected services in their order.
 *
 * `Facts` are the questions that every component of the kind answers by its options alone (`Declaration.about`), so that nobody needs to
 * know its type or the names of its options.
 */
export class Kind<T, Facts = never> {
  readonly #common: TProperties;
  readonly #facts: Facts | undefined;

  /** @param name its key, by which it is asked for; users read `called` */
  constructor(
    readonly name: string,
    { common = {}, facts, called = name }: KindOptions<Facts> = {},
  ) {
    this.#common = common;
    this.#facts = facts;
    catalogue.call(name, called);
  }

  /** Class decorator: enters the class into the catalogue under this kind. */
  component<const Options extends TObject, const Tokens extends readonly InjectionToken[] = []>(
    declaration: Declaration<Options, Tokens, Facts> & Answering<Facts>,
  ) {
    const file = callingFile();
    return (
      create: new (options: Static<Options>, ...services: Injected<Tokens>) => T,
      _context: ClassDecoratorContext,
    ): void => {
      const common = Object.keys(this.#common);
      const whole = this.#withCommon(declaration as unknown as AnyDeclaration);
      catalogue.add({ kind: this.name, declaration: whole, create, common, file });
    };
  }

  /** What a component of the kind says of its options, which are checked. */
  about(spec: ComponentSpec): Facts {
    const facts = (factsOf(this.name, spec) as Facts | undefined) ?? this.#facts;
    if (facts === undefined) throw new Error(`The ${this.name} "${spec.type}" answers nothing (\`about\`).`);
    return facts;
  }

  #withCommon(declaration: AnyDeclaration): AnyDeclaration {
    if (Object.keys(this.#common).length === 0) return declaration;
    const { properties, required: _required, ...rest } = declaration.options;
    return { ...declaration, options: Type.Object({ ...properties, ...this.#common }, rest) };
  }

  /** Schema of an option that holds a component of this kind, written in place: `{type: name, ...options}`. */
  option(schema: { description?: string; default?: unknown } = {}): TResolved<T, ComponentSpec> {
    return Type.Unsafe<T>({ ...schema, [COMPONENT]: this.name }) as TResolved<T, ComponentSpec>;
  }
}

/** What a component itself says of its options (`Declaration.about`); undefined where it says nothing. */
export function factsOf(kind: string, spec: ComponentSpec): unknown {
  const options = withOptions(spec);
  return catalogue.find(kind, spec.type)?.declaration.about?.(options, optionOf(options) as never);
}

/**
 * Schema of an option that names an entry of a top-level section (`data`, `networks`, `stages`, ...).
 * @param schema `reads`: the only part of the entry that is read (`Declaration.part`)
 */
export function reference<T>(
  section: string,
  { reads, ...schema }: { description?: string; reads?: string } = {},
): TResolved<T, string> {
  const marks = { [REFERENCE]: section, ...(reads !== undefined && { [READS]: reads }) };
  return Type.Unsafe<T>({ ...schema, ...marks }) as TResolved<T, string>;
}

/**
 * The file from which the function that calls this was called; empty where the JavaScript engine does not tell (only V8 does). Compiled modules hold many
 * sources, each of which names itself while it runs (`tools/start/compile.mjs`).
 */
function callingFile(): string {
  const { dualpriorSource } = globalThis as { dualpriorSource?: string };
  if (dualpriorSource !== undefined) return dualpriorSource;
  const { prepareStackTrace } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    const stack: unknown = new Error().stack;
    const [, , caller] = Array.isArray(stack) ? (stack as NodeJS.CallSite[]) : [];
    const name = caller?.getFileName() ?? '';
    return name.startsWith('file:') ? decodeURIComponent(new URL(name).pathname) : name;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
