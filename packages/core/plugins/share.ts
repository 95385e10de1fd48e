import module from 'node:module';
import { resolve } from './hooks.mjs';

/** What Node has from 22.15 on, and the TypeScript loader uses where it is there. */
type Hooks = Partial<{ registerHooks(hooks: { readonly resolve: typeof resolve }): void }>;

let isRegistered = false;

/** From now on the plugins that this process imports share `@dualprior/*` and a few other packages (`installation.mjs`) with it. */
export function sharePackages(): void {
  if (isRegistered) return;
  const { registerHooks } = module as Hooks;
  if (registerHooks) registerHooks({ resolve });
  else module.register(new URL('./hooks.mjs', import.meta.url));
  isRegistered = true;
}
