import { Type } from '@sinclair/typebox';

/** The factor that every loss has as an option. */
export const weight = Type.Number({ minimum: 0, default: 1, description: 'factor of the loss' });
