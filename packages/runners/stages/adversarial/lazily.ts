import type { Optimizer } from '@dualprior/blocks';

/**
 * Adam and the like, `every / (every + 1)` slower where a regulariser takes a step of its own every so many iterations (Karras et al.
 * 2020, appendix B).
 * @param weight of the regulariser; 0: there is none
 */
export function lazily(optimizer: Optimizer, weight: number, every: number): Optimizer {
  return weight > 0 ? optimizer.slowed(every / (every + 1)) : optimizer;
}
