import OurEnvironment from '../../../../tools/jest/environment.mjs';

/** The environment of all our tests, for mutants: after a test that failed it skips those that follow in the file. */
export default class MutantEnvironment extends OurEnvironment {
  #failed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.#failed = true;
    if (name === 'test_start' && this.#failed) test.mode = 'skip';
  }
}
