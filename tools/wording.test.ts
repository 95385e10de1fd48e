import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './setup/places.mjs';

/** Phrases that make a reader stop, and what to write instead. */
const PHRASES: readonly [phrase: RegExp, instead: string][] = [
  [/\banew\b/i, 'again, from scratch, or a verb with "re"'],
  [/\bfor people\b/i, 'for display, for users, in words'],
  [/\b(the|a) person(?! in\b)\b/i, 'the user, a user, you'],
  [/\bthe person stands\b/i, 'the working directory'],
  [/\bsees with\b/i, 'uses the feature extractor'],
  [/\bwhat sees\b/i, 'feature extractor'],
  [/\bonce a (user|machine)\b/i, 'once per user'],
  [/\bcount up\b/i, 'increment'],
  [/\bFree are\b/, 'These work without restriction:'],
  [/\bhas not the (right )?form\b/i, 'has an invalid format'],
  [/\b(wants|want) the service\b/i, 'requires the service'],
  [/\bwhich this \w+ has not\b/i, 'which is not registered'],
  [/\bdoes not do\)/i, 'is not enough'],
  [/\b(is|are|was|were) told\b/i, 'is reported, is shown, gets'],
  [/\b(goes|went|gone) on\b/i, 'continues'],
  [/\bstands? on (a|an|the|it|its|them|what|stage|no)\b/i, 'depends on, builds on, uses'],
  [/\b(come|came) to (its|their) end\b/i, 'has finished'],
  [/\bfirst weights\b/i, 'initial weights'],
  [/\bfiles? of weights\b/i, 'a weights file'],
  [/\breference numbers\b/i, 'reference values'],
  [/\bin the place of\b/i, 'in place of, instead of'],
  [/\bfor ever\b/i, 'forever'],
  [/\b(spoils|spoilt)\b/i, 'degrades'],
  [/^\s*\/\*\* Of .*\*\/$/, 'a sentence: "The size of ..."'],
];

const SELF = 'tools/wording.test.ts';
const files = execFileSync('git', ['ls-files', '*.ts', '*.md', '*.mjs', '*.yaml', '*.py'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && file !== SELF);

test('no phrase that makes a reader stop', () => {
  const found = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        PHRASES.filter(([phrase]) => phrase.test(line)).map(
          ([phrase, instead]) => `${file}:${i + 1}: ${phrase.exec(line)![0]} (write: ${instead})`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
