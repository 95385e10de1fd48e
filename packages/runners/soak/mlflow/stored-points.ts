import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder } from '@dualprior/core';
import { mlflowEnvironment } from '../../../../tools/setup/mlflow.mjs';

/** What MLflow's database has of one path in the tree of runs. */
interface StoredPoints {
  /** 1, if no run was made twice. */
  readonly runs: number;
  readonly points: number;
  readonly steps: number;
  /** Points whose value is not their step. */
  readonly wrong: number;
}

const PROGRAM = `
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("""
  select tags.value, count(distinct metrics.run_uuid), count(*), count(distinct step), sum(metrics.value <> step or is_nan)
  from metrics join tags on tags.run_uuid = metrics.run_uuid and tags.key = 'dualprior.path'
  group by tags.value""")
print(json.dumps([[path, dict(runs=runs, points=points, steps=steps, wrong=wrong)] for path, runs, points, steps, wrong in rows]))
`;

/** By the path in the tree of runs, read from the database itself: MLflow's interface may hide duplicates. */
export function storedPoints(data: string): ReadonlyMap<string, StoredPoints> {
  const python = join(mlflowEnvironment(cacheFolder()), 'bin', 'python');
  const text = execFileSync(python, ['-c', PROGRAM, join(data, 'mlflow.db')], { encoding: 'utf8' });
  return new Map(JSON.parse(text) as [string, StoredPoints][]);
}
