import { join } from 'node:path';
import type { Column } from '@dualprior/blocks';
import { counted, quoted, spelled } from '@dualprior/core';
import type { VariantClaims } from '../compare/page/claims-section.ts';
import { duration, elapsed } from '../console/duration.ts';
import { bestRows, INPUT, type Results } from '../evaluation/results.ts';
import { infiniteColumn } from '../inference/finite-mean.ts';
import { overSeedsLine } from '../report/seeds/claims-over-seeds.ts';
import { describeNetworks } from '../rehearsal/describe.ts';
import type { StageEstimate } from '../rehearsal/estimate.ts';
import { bytes } from '../rehearsal/figures.ts';
import { secondsLeft, type Forecast, type StageForecast } from '../rehearsal/forecast.ts';
import type { RunOutcome } from '../experiment/run.ts';
import type { Tracked } from '../experiment/tracking.ts';

/** The one document that `yarn experiment --json` prints. A value that is not finite is null. */
export function toJson({ runDir, tracking, results, stages }: RunOutcome): unknown {
  return {
    runDir,
    tracking: trackingToJson(tracking),
    mlflow: idsOf(tracking.find(({ type }) => type === 'mlflow')),
    results: (results?.rows ?? []).map(({ method, values, infinite = {} }) => ({
      method,
      ...Object.fromEntries(results!.columns.map(({ name }, c) => [name, finite(values[c]!)])),
      ...Object.fromEntries(Object.entries(infinite).map(([name, count]) => [infiniteColumn(name), count])),
    })),
    stages,
  };
}

/** Where it is to be seen, and whether all of it is. */
export function trackingToJson(tracking: readonly Tracked[]): unknown {
  return tracking.map(({ type, address, delivery: { complete, missing } }) => ({
    type,
    uri: address?.uri ?? null,
    page: address?.page ?? null,
    ...address?.ids,
    complete,
    missing,
  }));
}

/** What programs read from before there were several trackers. */
function idsOf(tracked: Tracked | undefined): unknown {
  return tracked?.address ? { uri: tracked.address.uri, ...tracked.address.ids } : null;
}

/** What a run leaves, a line each: its folder, its report, and where its trackers show it. */
export function describeOutcome({ runDir, tracking, results }: RunOutcome): string[] {
  const lines = [
    ['Run', runDir],
    ['Report', join(runDir, 'report.html')],
    ...tracking.map((tracked) => [tracked.name, describeTracked(tracked)]),
    ...(tracking.length === 0
      ? [['Tracking', 'off (`--set tracking.type=mlflow` turns it on, also for a finished run)']]
      : []),
    ...(results ? [['Try it', spelled(`serve ${quoted(runDir)}`)]] : []),
    ...(results
      ? [['Restore', spelled(`restore photo.jpg --run ${quoted(runDir)}${ofMethod(results)} --output restored`)]]
      : []),
  ] as [string, string][];
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  return lines.map(([label, text]) => label.padEnd(width) + text);
}

/** The option that names the best method of the first column, where there are several. */
function ofMethod(results: Results): string {
  const methods = results.rows.flatMap(({ method }) => (method === INPUT ? [] : [method]));
  const best = results.rows[bestRows(results)[0] ?? -1]?.method ?? methods[0]!;
  return methods.length > 1 ? ` --method ${quoted(best)}` : '';
}

/** How the claims of each variant stand over seeds, a line each. */
export function claimLines(all: readonly VariantClaims[], columns: readonly Column[]): string[] {
  return all.flatMap(({ variant, claims }) => [
    `Claims of ${variant} over seeds`,
    ...claims.map((claim) => `  ${overSeedsLine(claim, columns)}`),
    '',
  ]);
}

export function describeTracked({ address, delivery }: Tracked): string {
  return address ? (address.page ?? address.uri) : `not reached; ${delivery.remedy} delivers the run`;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The document that `--plan --json` prints. */
export function toPlan({ stages, remarks }: Forecast): unknown {
  const told = stages.map(({ estimate, ...stage }) => ({
    ...stage,
    ...(estimate && { estimate: { ...estimate, seconds: secondsLeft({ ...stage, estimate }) } }),
  }));
  return { stages: told, remarks };
}

/** What a run would do: a line per stage, one for its networks and one for what it will take on this machine. */
export function describeForecast({ experiment, stages, remarks }: Forecast): string {
  const lines = stages.flatMap(describeStageForecast);
  const { evaluation } = experiment.config;
  const rows = ['the degraded images', ...experiment.entries('methods').keys()];
  return [
    `${experiment.name}: ${counted(stages.length, 'stage')}`,
    ...lines,
    ...(evaluation ? [`  then evaluates ${rows.join(', ')} on "${evaluation.data}"`] : []),
    ...inAll(stages),
    ...remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

/** One stage: what is left to do, its networks, what it will take. */
export function describeStageForecast(stage: StageForecast): string[] {
  const indent = ' '.repeat(19);
  return [
    `  ${stage.name.padEnd(16)} ${stage.hash ?? '(of missing files)'}  ${explain(stage)}`,
    `${indent}${describeNetworks(stage.networks)}`,
    ...(stage.estimate ? [`${indent}${describeEstimate(stage, stage.estimate)}`] : []),
  ];
}

function describeEstimate(
  stage: StageForecast,
  { batch, secondsPerIteration: each, ...estimate }: StageEstimate,
): string {
  const { measured, peakBytes, fits } = estimate;
  const memory = fits
    ? `${bytes(peakBytes)} of memory`
    : `does not fit in this machine's memory: about ${bytes(peakBytes)}`;
  const steps = measured
    .map(({ batch: images, iterations }) => `${counted(iterations, 'step')} of ${images}`)
    .join(' and ');
  const images = measured.at(-1)!.batch === batch ? 'images' : `images (of a batch of ${batch})`;
  const one = each < 10 ? `${each.toPrecision(2)} s` : duration(each);
  return (
    `about ${duration(secondsLeft(stage))} (${one} per iteration, without validations) · ${memory} · ` +
    `measured over ${steps} ${images}`
  );
}

function inAll(stages: readonly StageForecast[]): string[] {
  const measured = stages.filter(({ estimate }) => estimate);
  if (measured.length === 0) return [];
  const seconds = measured.reduce((sum, stage) => sum + secondsLeft(stage), 0);
  const peak = Math.max(...measured.map(({ estimate }) => estimate!.peakBytes ?? 0));
  return [`  in all about ${duration(seconds)} of training, at most ${bytes(peak || null)} of memory`];
}

function explain({ action, iterations, done, seconds }: StageForecast): string {
  if (action === 'reuse') return `reuse (${iterations} iterations, trained in ${elapsed(seconds)})`;
  if (action === 'train' || done === 0) return `train ${iterations} iterations`;
  return `resume at ${done} of ${iterations} iterations`;
}
