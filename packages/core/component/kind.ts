import { Type, type Static, type TObject, type TProperties, type TUnsafe } from '@sinclair/typebox';
import type { InjectionToken } from 'tsyringe';
import { catalogue } from './catalogue.ts';
import type { Declaration } from './component.ts';

type Injected<Tokens extends readonly InjectionToken[]> = {
  [I in keyof Tokens]: Tokens[I] extends InjectionToken<infer T> ? T : never;
};

/** Names of the schema keywords that mark an option as something the container resolves. */
export const COMPONENT = 'x-component';
export const REFERENCE = 'x-reference';
/** Name of the schema keyword of a reference that says which part of the entry is read, where it is not all. */
export const READS = 'x-reads';

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
 */
export class Kind<T> {
  /** @param common options that every component of the kind has beside its own, and that whoever makes networks, losses, ... sees to */
  constructor(
    readonly name: string,
    readonly common: TProperties = {},
  ) {}

  /** Class decorator: enters the class into the catalogue under this kind. */
  component<const Options extends TObject, const Tokens extends readonly InjectionToken[] = []>(
    declaration: Declaration<Options, Tokens>,
  ) {
    const file = callingFile();
    return (
      create: new (options: Static<Options>, ...services: Injected<Tokens>) => T,
      _context: ClassDecoratorContext,
    ): void => {
      const common = Object.keys(this.common);
      const whole = common.length === 0 ? declaration : this.#withCommon(declaration);
      catalogue.add({ kind: this.name, declaration: whole, create, common, file });
    };
  }

  #withCommon(declaration: Declaration): Declaration {
    const { properties, required: _required, ...rest } = declaration.options;
    return { ...declaration, options: Type.Object({ ...properties, ...this.common }, rest) };
  }

  /** Schema of an option that holds a component of this kind, written in place: `{type: name, ...options}`. */
  option(schema: { description?: string; default?: unknown } = {}): TUnsafe<T> {
    return Type.Unsafe<T>({ ...schema, [COMPONENT]: this.name });
  }
}

/**
 * Schema of an option that names an entry of a top-level section (`data`, `networks`, `stages`, ...).
 * @param schema `reads`: the only part of the entry that is read (`Declaration.part`)
 */
export function reference<T>(
  section: string,
  { reads, ...schema }: { description?: string; reads?: string } = {},
): TUnsafe<T> {
  return Type.Unsafe<T>({ ...schema, [REFERENCE]: section, ...(reads !== undefined && { [READS]: reads }) });
}

/** The file from which the function that calls this was called; empty where the JavaScript engine does not tell (only V8 does). */
function callingFile(): string {
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
