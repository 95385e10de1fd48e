import type { Bytes } from '../files/bytes.ts';

/** Modules that Python 3 gave another name. */
const RENAMED: Record<string, string> = { __builtin__: 'builtins', copy_reg: 'copyreg' };

/** A class or function that a pickle names, e.g. `torch.FloatStorage`. It is never imported. */
export class Global {
  /** Module and name, by their names in Python 3. */
  readonly path: string;

  constructor(
    readonly module: string,
    readonly name: string,
  ) {
    this.path = `${RENAMED[module] ?? module}.${name}`;
  }
}

/** An object whose class is not understood, or what a call gives that is not. Nothing is executed: it is kept as the pickle describes it. */
export class PickledObject {
  /** What `__setstate__` would be given, or what would be the object's `__dict__`; undefined where there is none. */
  state: unknown;
  /** Items that are set in it: it is of a subclass of `dict`. */
  entries: Map<unknown, unknown> | undefined;
  /** Items that are appended or added to it: it is of a subclass of `list` or `set`. */
  elements: unknown[] | undefined;

  /**
   * @param path the class or function, e.g. `argparse.Namespace`
   * @param args what it is called with; keyword arguments, if any, are a map at the end
   */
  constructor(
    readonly path: string,
    readonly args: readonly unknown[] = [],
  ) {}
}

/** `bytes` or a `bytearray` of a pickle. Long ones stay in the file until they are read. */
export class PickledBytes implements Bytes {
  constructor(private readonly content: Bytes) {}

  get size(): number {
    return this.content.size;
  }

  fill(target: Uint8Array, position: number): void {
    this.content.fill(target, position);
  }
}
