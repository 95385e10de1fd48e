import * as tf from '@tensorflow/tfjs-core';
import { currentPath, inGradient } from '../../nn/calls.ts';

/** What tfjs's engine keeps of an operation that is differentiated. */
interface TapeNode {
  gradient?: (gradients: unknown) => unknown;
}

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
    if (gradient && path !== '') node.gradient = (gradients) => inGradient(path, () => gradient(gradients));
  };
  return () => {
    engine.addTapeNode = addTapeNode;
  };
}
