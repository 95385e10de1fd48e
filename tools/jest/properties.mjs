import fc from 'fast-check';

// The same cases in every run, so that a failure is one of the change; PROPERTY_SEED=$RANDOM looks for new ones.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 0) });
