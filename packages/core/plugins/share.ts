import module from 'node:module';
import { COMPILED } from '../process/compiled.ts';
import { initialize, resolve } from './hooks.mjs';

/** What Node has from 22.15 on, and the TypeScript loader uses where it is there. */
type Hooks = Partial<{ registerHooks(hooks: { readonly resolve: typeof resolve }): void }>;

let isRegistered = false;

/** From now on the plugins that this process imports may be TypeScript, and share `@dualprior/*` and a few other packages (`installation.mjs`) with it. */
export async function sharePackages(): Promise<void> {
  if (isRegistered) return;
  isRegistered = true;
  if (COMPILED) (await import('tsx/esm/api')).register(); // otherwise it is there from the start
  const { registerHooks } = module as Hooks;
  if (registerHooks) {
    initialize(COMPILED?.doors);
    registerHooks({ resolve });
  } else {
    module.register(new URL('./hooks.mjs', import.meta.url), { data: COMPILED?.doors });
  }
}
