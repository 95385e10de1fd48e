import { describe, expect, test } from '@jest/globals';
import type { FoundReference } from './check-options.ts';
import { Findings } from './findings.ts';
import { checkReferences, toReference, type EntryNames } from './references.ts';
import { Source } from './source.ts';

const place = { source: new Source('a.yaml', 'x', '/'), start: 0, end: 1 };
const NONE: EntryNames = { degradations: [], data: [], networks: [], stages: [], methods: [], metrics: [] };

/** The reference of an entry, `stages.a`, to an entry of a section. */
function reference(owner: string, section: string, text: string): FoundReference {
  const [of, name] = owner.split('.') as [string, string];
  return { at: { path: `${owner}.x`, place, owner: { section: of, name } }, section, text, place, orFile: false };
}

function findings(found: readonly FoundReference[], names: Partial<EntryNames>, wrongStages: readonly string[] = []) {
  const all = new Findings();
  checkReferences(found, { ...NONE, ...names }, wrongStages, all);
  return all.all.map(({ message, allowed, hint }) => ({ message, allowed, hint }));
}

describe('a reference', () => {
  test('leads to an entry, or to the stage that trained a network', () => {
    expect(toReference('data', 'a.b')).toEqual({ section: 'data', name: 'a.b', text: 'a.b' });
    expect(toReference('networks', 'g')).toEqual({ section: 'networks', name: 'g', text: 'g' });
    expect(toReference('networks', 's.g')).toEqual({ section: 'stages', name: 's', text: 's.g' });
  });

  test('to a network of a stage that trains none is an error, unless the stage itself is wrong', () => {
    const found = [reference('methods.m', 'networks', 'idle.net')];
    expect(findings(found, { stages: ['idle'] })).toEqual([
      {
        message: 'methods.m.x: the stage "idle" has no network "net"',
        allowed: 'nothing: the networks of idle is empty',
        hint: undefined,
      },
    ]);
    expect(findings(found, { stages: ['idle'] }, ['idle'])).toEqual([]);
    expect(findings(found, { stages: ['idle'] }, ['other'])).toHaveLength(1);
  });

  test('to a network that a wrong stage is known to train another one of is an error', () => {
    const found = [reference('stages.s', 'networks', 'g'), reference('methods.m', 'networks', 's.h')];
    const names = { stages: ['s'], networks: ['g'] };
    expect(findings(found, names, ['s'])).toEqual([
      { message: 'methods.m.x: the stage "s" has no network "h"', allowed: 's.g', hint: 'did you mean "s.g"?' },
    ]);
    expect(findings([found[0]!, reference('methods.m', 'networks', 's.g')], names)).toEqual([]);
  });

  test('to a stage that there is not names the nearest, with the network', () => {
    expect(findings([reference('methods.m', 'networks', 'restroe.g')], { stages: ['restore'] })).toEqual([
      { message: 'methods.m.x: there is no stage "restroe"', allowed: 'restore', hint: 'did you mean "restore.g"?' },
    ]);
    expect(findings([reference('methods.m', 'networks', 's.g')], {})).toEqual([
      { message: 'methods.m.x: there is no stage "s"', allowed: 'nothing: stages is empty', hint: undefined },
    ]);
  });

  test('to nothing says where there is something of this name', () => {
    expect(findings([reference('stages.s', 'data', 'a')], { networks: ['a'], metrics: ['a'] })).toEqual([
      {
        message: 'stages.s.x: there is no "a" in data',
        allowed: 'nothing: data is empty',
        hint: '"a" is an entry of networks and metrics',
      },
    ]);
    expect(findings([reference('stages.s', 'data', 'trian')], { data: ['train', 'test'] })).toEqual([
      {
        message: 'stages.s.x: there is no "trian" in data',
        allowed: 'train, test',
        hint: 'did you mean "train"?',
      },
    ]);
  });

  test('to a stage instead of its networks names these', () => {
    const trained = [reference('stages.s', 'networks', 'g'), reference('stages.s', 'networks', 'd')];
    const names = { stages: ['s'], networks: ['g', 'd'] };
    expect(findings([...trained, reference('methods.m', 'networks', 's')], names)).toEqual([
      {
        message: 'methods.m.x: there is no "s" in networks',
        allowed: 'g, d',
        hint: 's is a stage; its network is s.g or s.d',
      },
    ]);
  });
});

describe('a circle', () => {
  const messages = (found: readonly FoundReference[], names: Partial<EntryNames>) =>
    findings(found, names).map(({ message }) => message);

  test('is reported once, at the reference that closes it', () => {
    const found = [
      reference('data.a', 'data', 'b'),
      reference('data.b', 'data', 'c'),
      reference('data.c', 'data', 'b'),
    ];
    expect(messages(found, { data: ['a', 'b', 'c'] })).toEqual([
      'data.c.x: these need each other in a circle: data.b → data.c → data.b',
    ]);
  });

  test('is none of what is not trained', () => {
    const found = [
      reference('stages.t', 'networks', 's.g'),
      reference('stages.s', 'networks', 'g'),
      reference('stages.s', 'networks', 't.h'),
    ];
    expect(messages(found, { stages: ['s', 't'], networks: ['g'] })).toEqual([
      'stages.s.x: the stage "t" has no network "h"',
    ]);
  });

  test('may be of one entry', () => {
    expect(messages([reference('data.a', 'data', 'a')], { data: ['a'] })).toEqual([
      'data.a.x: data.a refers to itself',
    ]);
  });

  test('is none where two ways lead to one entry', () => {
    const found = [
      reference('data.a', 'data', 'b'),
      reference('data.a', 'data', 'c'),
      reference('data.b', 'data', 'd'),
      reference('data.c', 'data', 'd'),
    ];
    expect(messages(found, { data: ['a', 'b', 'c', 'd'] })).toEqual([]);
  });
});
