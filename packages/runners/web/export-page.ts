import { basename } from 'node:path';
import { loadExperiment, UserError } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { Recipe } from '../restore/open-method.ts';
import { methodsOfRun } from '../restore/open-run.ts';
import { openMethod } from '../restore/restore.ts';
import { experimentFile } from '../store/run-directory.ts';
import { exportWeb, type WebExport } from './export-web.ts';
import { samplesOf } from './samples.ts';

interface PageSource {
  /** Run directory. */
  readonly run?: string | undefined;
  /** Names of methods of the run; all where there are none. */
  readonly methods: readonly string[];
  /** File of weights, instead of a run. */
  readonly weights?: string | undefined;
}

/**
 * Writes the page of a run's methods, or of the network of a file of weights, into a folder.
 * Errors: `UserError` for neither or both, and those of either and of `exportWeb`.
 */
export async function exportPage(source: PageSource, output: string, console: Console): Promise<void> {
  await exportWeb(contentOf(source, console), output);
}

function contentOf({ run, methods, weights }: PageSource, console: Console): WebExport {
  if ((run === undefined) === (weights === undefined)) {
    throw new UserError('Say what is to be exported: a run directory, or --weights FILE for a network.');
  }
  if (run === undefined) {
    if (methods.length > 0) throw new UserError('--method names a method of a run. With --weights leave it out.');
    const { spec, recipe } = opened({ weights }, console);
    return { title: basename(weights!), methods: new Map([[spec, recipe]]), samples: [] };
  }
  const names = methods.length > 0 ? [...new Set(methods)] : methodsOfRun(run);
  return {
    title: loadExperiment(experimentFile(run)).name,
    methods: new Map(names.map((method) => [method, opened({ run, method }, console).recipe])),
    samples: samplesOf(run),
  };
}

function opened(source: Parameters<typeof openMethod>[0], console: Console): { spec: string; recipe: Recipe } {
  const open = openMethod({ ...source, device: 'cpu' }, console);
  try {
    const recipe = open.recipe();
    return { spec: recipe.networks[0]!.spec.type, recipe };
  } finally {
    open.dispose();
  }
}
