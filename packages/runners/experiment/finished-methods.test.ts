import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Journal, readWholeJournal } from '@dualprior/core';
import { finishedMethods, IDENTITY } from './finished-methods.ts';

test('a method is finished with what it measured last; one that was interrupted is not', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'journal-')), 'journal.jsonl');
  const journal = Journal.open(file);
  const measure = (method: string, identity?: string, ends = true) => {
    const own = journal.of('methods', method);
    own.start(method);
    if (identity !== undefined) own.tag(IDENTITY, identity);
    if (ends) own.end('FINISHED');
  };
  measure('NAFNet', 'old images');
  measure('HINet', 'old images', false);
  measure('older version');
  measure('NAFNet', 'new images');
  journal.of('stages', 'restore').end('FINISHED');
  journal.close();
  expect([...finishedMethods(await readWholeJournal(file))]).toEqual([
    ['NAFNet', 'new images'],
    ['older version', undefined],
  ]);
});
