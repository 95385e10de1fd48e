import * as tf from '@tensorflow/tfjs-core';
import { currentPath, inGradient } from '../../nn/calls.ts';

/** What tfjs's engine keeps of an operation that is differentiated. */
interface TapeNode {
  gradient?: (gradients: unknown) => InputGradients;
}

/** What computes the gradient of each input, once it is asked for. */
type InputGradients = Record<string, () => unknown>;

/** The parts of tfjs's engine that are private to TypeScript. */
interface TapeKeeper {
  addTapeNode(...values: unknown[]): void;
  readonly state: { readonly activeTape: TapeNode[] };
}

/** From now on operations of a gradient know the path of the module whose operations they differentiate. Returns what ends it. */
export function nameGradients(): () => void {
  const engine = tf.engine() as unknown as TapeKeeper;
  const { addTapeNode } = engine;
  engine.addTapeNode = (...values) => {
    addTapeNode.apply(engine, values);
    const node = engine.state.activeTape.at(-1)!;
    const { gradient } = node;
    const path = currentPath();
    if (gradient && path !== '')
      node.gradient = (gradients) =>
        named(
          path,
          inGradient(path, () => gradient(gradients)),
        );
  };
  return () => {
    engine.addTapeNode = addTapeNode;
  };
}

function named(path: string, gradients: InputGradients): InputGradients {
  const entries = Object.entries(gradients).map(([input, compute]) => [input, () => inGradient(path, compute)]);
  return Object.fromEntries(entries) as InputGradients;
}
