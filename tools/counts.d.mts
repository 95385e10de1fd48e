export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

export function countResults(
  report: JestReport | undefined,
  checks: readonly boolean[],
): { passed: number; failed: number; line: string };
