import { extname } from 'node:path';
import { transform, type Loader } from 'esbuild';

const LOADERS: Readonly<Record<string, Loader>> = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js' };

/** Imports and exports from other files, which stand alone in code without white space. */
const IMPORT = /(?<=^|[;}])(?:import|export)(?:[\w$\s{},*]*from)?"([^"]*)";?/g;
const OWN = /^(?:\.|@dualprior\/)/;

/**
 * What a file does: transpiled, without comments and white space, and without the paths and the order of its imports. Equal for files that
 * differ in documentation, types or place only.
 */
export async function plainCode(path: string, text: string): Promise<string> {
  const loader = LOADERS[extname(path)];
  if (loader === undefined) return text;
  const options = { loader, format: 'esm', target: 'esnext', minifyWhitespace: true, legalComments: 'none' } as const;
  const { code } = await transform(text, options);
  const imports: string[] = [];
  const rest = code.replace(IMPORT, (statement, from: string) => {
    imports.push(OWN.test(from) ? statement.replace(from, '') : statement);
    return '';
  });
  return [...imports.sort(), rest].join('\n');
}
