import * as tf from '@tensorflow/tfjs-core';
import { AdamFamily, type Decay } from './adam/adam-family.ts';
import { adamOptions } from './adam/adam-options.ts';
import { optimizers } from './optimizer.ts';

const Options = adamOptions({
  default: 0,
  description: 'L2 penalty: this factor times the parameters is added to the gradient',
});

/** Adam (Kingma and Ba 2015) as PyTorch's `torch.optim.Adam`. */
@optimizers.component({ type: 'adam', description: 'Adam (Kingma and Ba 2015)', options: Options })
export class Adam extends AdamFamily {
  protected decay(): Decay {
    return { kept: tf.scalar(1), penalty: this.options.weightDecay };
  }
}
