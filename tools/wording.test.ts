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
