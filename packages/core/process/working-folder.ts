/** The user's current folder; npm and yarn say it in INIT_CWD. */
export function standing(env: NodeJS.ProcessEnv = process.env): string {
  return env['INIT_CWD'] ?? process.cwd();
}
