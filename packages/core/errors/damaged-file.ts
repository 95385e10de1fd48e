import { UserError } from './user-error.ts';

/** A file that is there but whose content is not what was written, or nothing of its kind. */
export class DamagedFileError extends UserError {}
