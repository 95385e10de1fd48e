import { UserError, type Problem } from '../errors/user-error.ts';
import { showPlace, type Place } from './source.ts';

/** What is wrong at a place of an experiment file. */
export interface Finding {
  /** Absent where it is about a file as a whole. */
  readonly place?: Place | undefined;
  /** The file, where there is no place. */
  readonly file?: string;
  readonly message: string;
  /** What it is about, which the message names: `stages.restore.batch`. */
  readonly path?: string | undefined;
  readonly found?: string | undefined;
  readonly allowed?: string | undefined;
  /** What the user most likely wants to do. */
  readonly hint?: string | undefined;
  /** All of what the message gives in short, a line each: for `--json` only. */
  readonly details?: readonly string[] | undefined;
  /** The environment variable that is not set, where that is what is wrong. */
  readonly variable?: string;
}

/** An experiment that cannot be run as it is written: everything that is wrong with it, in the order of the files. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';

  constructor(readonly findings: readonly Finding[]) {
    const sorted = inOrder(findings);
    const count = sorted.length > 1 ? [`${sorted.length} problems in the experiment.`] : [];
    super([...sorted.map(render), ...count].join('\n\n'), sorted.map(toProblem));
  }
}

/** Collects findings, so that a user sees all of them at once. */
export class Findings {
  readonly all: Finding[] = [];
  #lost = false;

  add(finding: Finding): void {
    this.all.push(finding);
  }

  /** Adds a finding because of which a part of the experiment cannot be seen, so that nothing more can be said about it. */
  lose(finding: Finding): void {
    this.add(finding);
    this.#lost = true;
  }

  throwIfLost(): void {
    if (this.#lost) this.throwIfAny();
  }

  throwIfAny(): void {
    if (this.all.length > 0) throw new ConfigError(this.all);
  }
}

/** By file (in the order of their first mention, `--set` last), then by place; the same mistake, to which aliases lead from several places, only once. */
function inOrder(findings: readonly Finding[]): (Finding & { also: readonly string[] })[] {
  const mentioned = [...new Set(findings.map(({ place }) => place?.source))];
  const sources = [
    ...mentioned.filter((source) => source?.isFile !== false),
    ...mentioned.filter((source) => source?.isFile === false),
  ];
  const same = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { place, message, path, found } = finding;
    const key = JSON.stringify([place?.source.name, place?.start, path ? message.replace(path, '') : message, found]);
    same.set(key, [...(same.get(key) ?? []), finding]);
  }
  return [...same.values()]
    .map(([first, ...others]) => ({ ...first!, also: others.flatMap(({ path }) => path ?? []) }))
    .map((finding) => ({ ...finding, also: [...new Set(finding.also)].filter((path) => path !== finding.path) }))
    .sort(
      (a, b) =>
        sources.indexOf(a.place?.source) - sources.indexOf(b.place?.source) ||
        (a.place?.start ?? 0) - (b.place?.start ?? 0),
    );
}

function toProblem({ place, file, message, found, allowed, hint, details }: Finding): Problem {
  const position = place?.source.position(place.start);
  return {
    file: place?.source.name ?? file ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
    message: hint === undefined ? message : `${message} (${hint})`,
    found: found ?? null,
    allowed: allowed ?? null,
    ...(details && { details }),
  };
}

function render(finding: Finding & { also: readonly string[] }): string {
  const { place, file, message } = finding;
  if (!place) return [file === undefined ? message : `${file}: ${message}`, ...details(finding, '  ')].join('\n');
  const { line, column } = place.source.position(place.start);
  const indent = ' '.repeat(String(line).length);
  return [
    `${showPlace(place)}: ${message}`,
    ...excerpt(place, line, column, indent),
    ...details(finding, `  ${indent} = `),
  ].join('\n');
}

const WIDTH = 110;

/** The line of the source with the place underlined; the surroundings of the place if the line is long. */
function excerpt(place: Place, line: number, column: number, indent: string): string[] {
  const text = place.source.shown(line).replaceAll('\t', '→');
  const length = Math.max(1, Math.min(place.end - place.start, text.length - column + 1));
  const from = text.length <= WIDTH ? 0 : Math.max(0, Math.min(column - 30, text.length - WIDTH));
  const shown = text.slice(from, from + WIDTH);
  const [before, after] = [from > 0 ? '…' : '', from + WIDTH < text.length ? '…' : ''];
  const carets = '^'.repeat(Math.max(1, Math.min(length, WIDTH - (column - 1 - from))));
  return [
    `  ${indent} |`,
    `  ${line} | ${before}${shown}${after}`,
    `  ${indent} | ${' '.repeat(column - 1 - from + before.length)}${carets}`,
  ];
}

function details({ found, allowed, hint, also }: Finding & { also: readonly string[] }, prefix: string): string[] {
  const lines = [
    ['found', found],
    ['allowed', allowed],
    ['hint', hint],
    ['also', also.length > 0 ? also.join(', ') : undefined],
  ] as const;
  return lines.flatMap(([label, text]) => (text === undefined ? [] : [`${prefix}${label}: ${text}`]));
}
