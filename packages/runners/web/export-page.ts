import { basename } from 'node:path';
import { UserError } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { Recipe } from '../restore/open-method.ts';
import { methodsOfRun } from '../restore/open-run.ts';
import { openMethod, type Source } from '../restore/restore.ts';
import { experimentOfRun } from '../store/experiment-of-run.ts';
import { exportWeb, type WebExport } from './export-web.ts';
import { samplesOf } from './samples.ts';

interface PageSource {
  /** Run directory. */
  readonly run?: string | undefined;
  /** Names of methods of the run; all where there are none. */
  readonly methods: readonly string[];
  /** A weights file, instead of a run. */
  readonly weights?: string | undefined;
}

/**
 * Writes the page of a run's methods, or of the network of a weights file, into a folder.
 * Errors: `UserError` for neither or both, and those of either and of `exportWeb`.
 */
export async function exportPage(source: PageSource, output: string, console: Console): Promise<void> {
  await exportWeb(await contentOf(source, console), output);
}

async function contentOf({ run, methods, weights }: PageSource, console: Console): Promise<WebExport> {
  if ((run === undefined) === (weights === undefined)) {
    throw new UserError('Say what is to be exported: a run directory, or --weights FILE for a network.');
  }
  if (run === undefined) {
    if (methods.length > 0) throw new UserError('--method names a method of a run. With --weights leave it out.');
    const { spec, recipe } = await opened({ weights }, console);
    return { title: basename(weights!), methods: new Map([[spec, recipe]]), samples: [] };
  }
  const names = methods.length > 0 ? [...new Set(methods)] : await methodsOfRun(run);
  const recipes = new Map<string, Recipe>();
  for (const method of names) recipes.set(method, (await opened({ run, method }, console)).recipe);
  return {
    title: (await experimentOfRun(run)).name,
    methods: recipes,
    samples: samplesOf(run),
  };
}

async function opened(source: Source, console: Console): Promise<{ spec: string; recipe: Recipe }> {
  const open = await openMethod({ ...source, device: 'cpu' }, console);
  try {
    const recipe = open.recipe();
    return { spec: recipe.networks[0]!.spec.type, recipe };
  } finally {
    open.dispose();
  }
}
