/** The module `native/standard_error.cc`. */
export interface StandardError {
  hold(): void;
  release(): string;
}

/** Lines by which TensorFlow tells about its build at every start. */
const CHATTER = [
  /^WARNING: All log messages before absl::InitializeLog/,
  /^I\d{4} /,
  /^To enable the following instructions:/,
];

/**
 * Loads a library without its chatter on standard error; warnings and errors are shown, and everything if the process ends meanwhile. While it
 * is loaded, TensorFlow writes whatever the settings of its own are; from then on it keeps to the one that it found. Where TF_CPP_MIN_LOG_LEVEL
 * is set, nothing is held back.
 */
export function quietly<T>(standardError: StandardError, load: () => T): T {
  if (process.env['TF_CPP_MIN_LOG_LEVEL'] !== undefined) return load();
  standardError.hold();
  process.env['TF_CPP_MIN_LOG_LEVEL'] = '1'; // warnings and errors
  try {
    return load();
  } finally {
    delete process.env['TF_CPP_MIN_LOG_LEVEL'];
    process.stderr.write(withoutChatter(standardError.release()));
  }
}

/** The lines that a user should see. */
export function withoutChatter(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '' && !CHATTER.some((pattern) => pattern.test(line)));
  return lines.map((line) => `${line}\n`).join('');
}
