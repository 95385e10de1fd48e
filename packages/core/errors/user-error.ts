import { hideCredentials } from './hide-credentials.ts';

/** One thing that is wrong with what a user gave, as `--json` prints it. */
export interface Problem {
  /** The file it stands in, or null where it is not about a file. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** What was found there, and what would be right; null where that makes no sense. */
  readonly found: string | null;
  readonly allowed: string | null;
  /** All of what the message gives in short, a line each. */
  readonly details?: readonly string[];
}

/**
 * A mistake of the user who runs the program, not of the program: shown as its message, without a stack trace, and without the credentials that may
 * stand in what was given. Commands end with exit code 2.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';

  readonly problems: readonly Problem[];

  constructor(
    message: string,
    problems: readonly Problem[] = [{ file: null, line: null, column: null, message, found: null, allowed: null }],
  ) {
    super(hideCredentials(message));
    this.problems = problems.map(withoutCredentials);
  }
}

function withoutCredentials(problem: Problem): Problem {
  const { message, found, allowed, details } = problem;
  return {
    ...problem,
    message: hideCredentials(message),
    found: found && hideCredentials(found),
    allowed: allowed && hideCredentials(allowed),
    ...(details && { details: details.map(hideCredentials) }),
  };
}
