import { loadEngine, UserError } from '@dualprior/core';

// Says what TensorFlow computes on, as one line of JSON.

try {
  const engine = loadEngine();
  process.stdout.write(JSON.stringify({ description: engine.describe(), advice: engine.advice }));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(error.message);
  process.exitCode = 1;
}
