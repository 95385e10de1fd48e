import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';

/** From now on no variable can be made or disposed of: a step is given all that it has. Returns what ends it. */
export function fixVariables(): () => void {
  const engine = tf.engine();
  const { makeVariable, disposeVariable } = engine;
  engine.makeVariable = (_value, _trainable, name) => {
    throw new UserError(
      `${name === undefined ? 'A variable' : `The variable "${name}"`} was made inside a compiled step: it would be made at each step.\n` +
        '  Make it before and let the step assign it.',
    );
  };
  engine.disposeVariable = ({ name }) => {
    throw new UserError(
      `The variable "${name}" was disposed of inside a compiled step: the next step would not have it.\n` +
        '  Dispose of it after all steps.',
    );
  };
  return () => Object.assign(engine, { makeVariable, disposeVariable });
}
