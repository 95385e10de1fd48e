import { register } from 'node:module';

let isRegistered = false;

/** From now on the plugins that this process imports share `@dualprior/*` and a few other packages (`installation.mjs`) with it. */
export function sharePackages(): void {
  if (!isRegistered) register(new URL('./hooks.mjs', import.meta.url));
  isRegistered = true;
}
