import type { YAMLParseError } from 'yaml';
import type { Finding } from './findings.ts';
import type { Place, Source } from './source.ts';

export const TOO_DEEP = 'values are nested too deeply';

/** What is wrong with the YAML itself: the first error only, since the parser is lost after it. */
export function syntaxFinding(source: Source, errors: readonly YAMLParseError[]): Finding | undefined {
  const first = [...errors].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (!first) return undefined;
  const tab = tabBefore(source, first);
  if (tab) {
    const { line, column } = source.position(tab.start);
    return {
      place: tab,
      message: `a tab at ${line}:${column}; YAML indents with spaces`,
      hint: 'put two spaces in its place',
    };
  }
  const place = { source, start: first.pos[0], end: first.pos[1] };
  return {
    place,
    message: `not valid YAML: ${wording(first)}`,
    hint: hint(source.line(source.position(first.pos[0]).line)),
  };
}

/** The tab in the indentation of the line that the parser could not read, or of the line above it. */
function tabBefore(source: Source, error: YAMLParseError): Place | undefined {
  const { line } = source.position(error.pos[0]);
  for (const number of [line, line - 1]) {
    const tab = /^ *(\t+)\s*\S/.exec(source.line(number));
    if (!tab) continue;
    const start = source.start(number) + tab[0].indexOf('\t');
    return { source, start, end: start + tab[1]!.length };
  }
  return undefined;
}

function wording(error: YAMLParseError): string {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a key and its value stand where a value is already written';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'a text that is not followed by ":" stands where a key is expected';
    case 'MULTIPLE_DOCS':
      return 'a second document ("---"); an experiment is one document';
    case 'BAD_INDENT':
      return error.message.startsWith('Flow')
        ? `${error.message.includes('map') ? 'a "{" is not closed with "}"' : 'a "[" is not closed with "]"'}, or what it holds is not indented`
        : 'the indentation does not fit the lines above';
    case 'MISSING_CHAR':
      return error.message
        .replace(/^Flow (\w+) .* end with a (.)$/i, 'a $1 in one line is not closed with "$2"')
        .replace('Missing closing "quote', 'a quotation mark is not closed')
        .replace("Missing closing 'quote", 'a quotation mark is not closed');
    case 'UNEXPECTED_TOKEN':
      return `${error.message.replace(/^Unexpected (\S+?)(?: token)? (?:at|in|on).*/, 'an unexpected $1')}`;
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    default:
      return error.message.charAt(0).toLowerCase() + error.message.slice(1);
  }
}

function hint(line: string): string | undefined {
  if (/[{[,:]\s*\$\{env:/.test(line) && /[{[].*\$\{env:/.test(line)) {
    return 'inside { } and [ ], write "${env:NAME}" in quotes';
  }
  if (/^\s*(?:- )?[A-Za-z0-9_-]+:[^\s:]/.test(line)) return 'is a space missing after ":"?';
  if (/^[^'"]*:\s[^'"{[]*:\s/.test(line)) return 'a text that contains ": " must stand in quotes';
  return undefined;
}
