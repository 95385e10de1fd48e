/**
 * How tests went, with the checks before them: `N passed, N failed, N skipped`, and the two counts that decide.
 * @param report what `jest --json` writes; undefined where it wrote nothing, which is a failure
 * @param checks whether each of the other checks passed
 */
export function countResults(report, checks) {
  let passed = checks.filter((ok) => ok).length;
  let failed = checks.length - passed;
  let skipped = 0;
  if (report) {
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
    skipped += report.numPendingTests + report.numTodoTests;
  } else {
    failed++;
  }
  return { passed, failed, line: `${passed} passed, ${failed} failed, ${skipped} skipped` };
}
