import { UserError } from '@dualprior/core';

/** `--launcher local` and `--launcher local:processes=2,threads=1` as values of `--set`. Errors: it has another form. */
export function launcherSetting(text: string | undefined): string[] {
  if (text === undefined) return [];
  const [, type, options] = /^([a-z][a-z0-9-]*)(?::(.+))?$/.exec(text) ?? [];
  const pairs = (options ?? '').split(/,(?![^[]*\]|[^{]*\})/).filter((pair) => pair !== '');
  if (type === undefined || pairs.some((pair) => !/^\w+=.+$/.test(pair))) {
    throw new UserError(`--launcher is "${text}", but must be like local or local:processes=2,threads=1.`);
  }
  return [`launcher={type: ${type}, ${pairs.map((pair) => pair.replace('=', ': ')).join(', ')}}`];
}
