import module from 'node:module';
import { initialize, resolve } from './hooks.mjs';

/** What Node has from 22.15 on, and the TypeScript loader uses where it is there. */
type Hooks = Partial<{ registerHooks(hooks: { readonly resolve: typeof resolve }): void }>;

let isRegistered = false;

/**
 * From now on the plugins that this process imports may be TypeScript, and share `@dualprior/*` and a few other packages (`installation.mjs`) with it.
 * @param doors the modules that the process runs from, by name, where they are compiled
 */
export async function sharePackages(doors?: Readonly<Record<string, string>>): Promise<void> {
  if (isRegistered) return;
  isRegistered = true;
  if (doors) (await import('tsx/esm/api')).register(); // otherwise it is there from the start
  const { registerHooks } = module as Hooks;
  if (registerHooks) {
    initialize(doors);
    registerHooks({ resolve });
  } else {
    module.register(new URL('./hooks.mjs', import.meta.url), { data: doors });
  }
}
