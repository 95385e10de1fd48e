import { EagerStep, loadEngine, UserError, type RunnableStep, type Step, type TraceNote } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { Console } from '../console/console.ts';
import { isFiniteStep } from './training/finite-guard.ts';

/** How a stage runs its steps. */
export interface Runtime {
  /** As TensorFlow functions; otherwise operation by operation. */
  readonly compile: boolean;
  readonly recompute: boolean;
  /** Undefined: on a GPU. */
  readonly xla?: boolean | undefined;
  /** Where training images are degraded; undefined: on the processor. */
  readonly degrade?: 'host' | 'device' | undefined;
  /** How many shapes of images the stage plans; 1 if absent. */
  readonly shapes?: number;
  /** Tells the user what of it does not help. */
  readonly warn?: (line: string) => void;
}

/** Traces that a step keeps: each holds a graph. */
const KEPT = 8;

/** Beyond the planned ones, the number of shapes from which on a stage warns. */
const MANY = 3;

const own = (description: string) => Type.Optional(Type.Boolean({ description }));

/** The option `runtime` of a stage. */
export const runtimeOption = Type.Object(
  {
    compile: own('run each step as one TensorFlow function'),
    recompute: own('recompute blocks for their gradients instead of keeping their results: less memory, more time'),
    xla: own('compile blocks with XLA; default: only on a GPU'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'overrides of the `runtime` of the experiment',
    'x-identity': false,
  },
);

/** A stage that runs: of its context, what concerns its runtime. */
interface RunningStage {
  readonly name: string;
  readonly runtime: Runtime;
  readonly console: Console;
}

/** The same for a stage that runs: its steps' warnings are shown once. Errors: switches that do not go together. */
export function runtimeOf({ runtime, console, name }: RunningStage, option: Static<typeof runtimeOption>): Runtime {
  const told = new Set<string>();
  const warn = (line: string) => {
    if (!told.has(line)) console.warn(`Stage "${name}": ${line}`);
    told.add(line);
  };
  return { ...stageRuntime(runtime, option), warn };
}

/** The experiment's runtime with what a stage has of its own. Errors: switches that do not go together. */
export function stageRuntime(general: Runtime, option: Static<typeof runtimeOption>): Runtime {
  const runtime = { ...general, ...option };
  const without = (['recompute', 'xla'] as const).find((name) => runtime[name] && !runtime.compile);
  if (without) {
    throw new UserError(
      `runtime.${without} is about compiled steps, but runtime.compile is false. Set one of them only.`,
    );
  }
  return runtime;
}

/** A training step as this runtime runs it. Where a number of it is not finite, it changes nothing. */
export function runnable<Arguments extends readonly Tensor[], Results extends NamedTensorMap>(
  step: Step<Arguments, Results>,
  runtime: Runtime,
): RunnableStep<Arguments, Results> {
  const { compile, recompute, xla } = runtime;
  if (!compile) return new EagerStep(step, isFiniteStep);
  const engine = loadEngine();
  const traced = (trace: TraceNote) => tell(trace, runtime);
  return engine.compile(step, { recompute, xla: xla ?? engine.device === 'gpu', traces: KEPT, traced }, isFiniteStep);
}

function tell({ count, blocks }: TraceNote, { recompute, xla, warn, shapes = 1 }: Runtime): void {
  if (blocks === 0 && (recompute || xla)) {
    const names = [recompute && 'runtime.recompute', xla && 'runtime.xla'].filter(Boolean).join(' and ');
    warn?.(`${names} ${recompute && xla ? 'do' : 'does'} nothing: its networks mark no blocks that repeat.`);
  }
  if (count === shapes + MANY) {
    warn?.(
      `its step is traced for the ${count}th shape of images, and each takes seconds and memory. ` +
        'Give all images one size: `batch.crop` of the stage, or `size` of the data.',
    );
  }
}
