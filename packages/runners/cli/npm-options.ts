import { quoted } from '@dualprior/core';
import type { Command } from 'commander';

/** Options that npm reads as short ones of its own, with the settings that these stand for: `--plan` is `-p -l -a -n`, and `-n` is `--no-yes`. */
const AS_LETTERS: Readonly<Record<string, readonly string[]>> = { '--plan': ['parseable', 'long', 'all', 'no-yes'] };

/**
 * What to type instead, if npm has kept options of this command for itself: `npm run experiment FILE --validate` lacks a `--` before
 * the arguments, so npm takes `--validate` for one of its own settings and the command would train. Undefined if it has not.
 */
export function keptByNpm(
  program: Command,
  argv: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (!env['npm_config_user_agent']?.startsWith('npm/')) return undefined;
  const rest = [...argv];
  const own = rest.splice(0, program.registeredArguments.length);
  const setting = (name: string) => env[`npm_config_${name.replaceAll('-', '_')}`];
  const kept = optionsOf(program).flatMap(({ long, needsValue }) => {
    const value = AS_LETTERS[long]?.every((name) =>
      name === 'no-yes' ? setting('yes') === '' : setting(name) === 'true',
    )
      ? 'true'
      : setting(long.replace(/^--(no-)?/, ''));
    const isKept = long.startsWith('--no-') ? value === '' : value !== undefined && value !== '' && value !== 'false';
    if (!isKept || argv.includes(long)) return [];
    if (!needsValue) return [long];
    return [long, value === 'true' ? (rest.shift() ?? 'VALUE') : value!];
  });
  if (kept.length === 0) return undefined;
  const options = kept.filter((word) => word.startsWith('--')).join(', ');
  return (
    `npm kept ${options} for itself: it passes on only what stands behind "--". Write:\n` +
    `  npm run -s ${program.name()} -- ${[...own, ...rest, ...kept].map(quoted).join(' ')}`
  );
}

/** The options of a command and of those below it, each once. */
export function optionsOf(program: Command): { long: string; needsValue: boolean }[] {
  const all = [program, ...program.commands].flatMap(({ options }) => options);
  const byName = new Map(all.flatMap(({ long, required }) => (long ? [[long, required] as const] : [])));
  return [...byName].map(([long, needsValue]) => ({ long, needsValue }));
}
