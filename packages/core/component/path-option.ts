import { Type, type StringOptions, type TString } from '@sinclair/typebox';

/** Name of the schema keyword that marks a file or folder name. */
export const PATH = 'x-path';

/** Name of the schema keyword which says that what counts of a file or folder is its content, not its name. */
export const CONTENT = 'x-content';

/** Name of the schema keyword that marks the name of a module: a path, or a package. */
export const MODULE = 'x-module';

/** Name of the schema keyword that marks the address of a server. */
export const ADDRESS = 'x-address';

/** Name of the schema keyword which, when false, says that an option changes no result. */
export const IDENTITY = 'x-identity';

/**
 * Schema of an option that names a file or folder. The component is given an absolute path: in an experiment file
 * relative names are taken from that file's folder, on the command line and in environment variables from where the
 * person stands.
 */
export function pathOption(schema: StringOptions = {}): TString {
  return Type.String({ minLength: 1, ...schema, [PATH]: true });
}

/** Schema of an option that names a module: a path as in `pathOption`, which begins with `./`, `../`, `/` or `~/`, or a package. */
export function moduleOption(schema: StringOptions = {}): TString {
  return Type.String({ minLength: 1, ...schema, [MODULE]: true });
}

/**
 * Schema of an option that is the address of a server. The component is given it without the credentials that a user may write into
 * it; for these it asks the service `CREDENTIALS`.
 */
export function addressOption(schema: StringOptions = {}): TString {
  return Type.String({ ...schema, [ADDRESS]: true });
}
