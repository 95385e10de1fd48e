import { EagerStep, loadEngine, UserError, type RunnableStep, type Step } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { isFiniteStep } from './finite-guard.ts';

/** How a stage runs its steps. */
export interface Runtime {
  /** As TensorFlow functions; otherwise operation by operation. */
  readonly compile: boolean;
  readonly recompute: boolean;
  /** Undefined: on a GPU. */
  readonly xla?: boolean | undefined;
}

const own = (description: string) => Type.Optional(Type.Boolean({ description }));

/** The option `runtime` of a stage. */
export const runtimeOption = Type.Object(
  {
    compile: own('run each step as one TensorFlow function'),
    recompute: own('compute blocks again for their gradients instead of keeping what they computed: less memory'),
    xla: own('compile blocks with XLA; the default is to do so on a GPU'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'what differs from the `runtime` of the experiment',
    'x-identity': false,
  },
);

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
  { compile, recompute, xla }: Runtime,
): RunnableStep<Arguments, Results> {
  if (!compile) return new EagerStep(step, isFiniteStep);
  const engine = loadEngine();
  return engine.compile(step, { recompute, xla: xla ?? engine.device === 'gpu' }, isFiniteStep);
}
