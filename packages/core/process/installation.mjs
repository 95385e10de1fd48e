import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Root of the installation, whose packages a plugin shares. */
export const INSTALLATION = realpathSync(fileURLToPath(new URL('../../../', import.meta.url)));
