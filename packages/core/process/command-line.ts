/**
 * A command as the user of this process would type it: `yarn mlflow push RUN`, or `npm run -s mlflow -- push RUN` for who has
 * used npm.
 */
export function spelled(command: string, env: NodeJS.ProcessEnv = process.env): string {
  const [script, ...rest] = command.split(' ');
  if (!env['npm_config_user_agent']?.startsWith('npm/')) return `yarn ${command}`;
  return `npm run -s ${script}${rest.length > 0 ? ` -- ${rest.join(' ')}` : ''}`;
}

/** A word of a command line as a shell reads it. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
