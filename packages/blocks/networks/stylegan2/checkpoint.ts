import { withoutPrefix, type StateDict } from '@dualprior/core/nn';

/**
 * The generator's weights of a checkpoint in rosinality's layout: `{g_ema, latent_avg}`, or `{g, g_ema, d, ...}` as its training writes
 * it, or the plain weights. Of several generators the average is taken; the mean latent comes with it where there is one.
 */
export function generatorState(checkpoint: StateDict): StateDict {
  const state = part(checkpoint, ['g_ema', 'g']);
  const mean = checkpoint.get('latent_avg');
  return mean ? new Map([...state, ['latent_avg', { shape: [mean.values.length], values: mean.values }]]) : state;
}

/** The discriminator's weights of such a checkpoint. */
export function discriminatorState(checkpoint: StateDict): StateDict {
  return part(checkpoint, ['d']);
}

/** The first part of the checkpoint that it has, or all of it. */
function part(checkpoint: StateDict, names: readonly string[]): StateDict {
  const parts = names.map((name) => withoutPrefix(checkpoint, name));
  return parts.find((state) => state.size > 0) ?? checkpoint;
}
