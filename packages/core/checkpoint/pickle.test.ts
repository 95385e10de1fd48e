import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { memoryBytes, readRange } from '../files/bytes.ts';
import { Budget } from './budget.ts';
import { Global, PickledBytes, PickledObject } from './pickle-objects.ts';
import { PickleReader } from './pickle-reader.ts';
import { unpickle } from './pickle.ts';
import { pythonCall } from './python-calls.ts';
import { byte, call, dictionary, list, named, text, tuple, u32 } from './testing/pickles.ts';

/** Written by Python: testing/plain-pickles.py. */
const PLAIN = JSON.parse(readFileSync(new URL('testing/plain-pickles.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, { readonly value: unknown; readonly pickles: readonly string[] }>
>;

function read(pickle: Uint8Array, size = pickle.length): unknown {
  const persistent = (id: unknown) => ({ persistent: id });
  const budget = new Budget(size);
  return unpickle(new PickleReader(memoryBytes(pickle), budget), { call: pythonCall, persistent }, budget);
}

function isRead(pickle: Uint8Array): boolean {
  try {
    read(pickle);
    return true;
  } catch {
    return false;
  }
}

/** A pickle of the opcodes between a pickle's protocol and its end. */
const readOpcodes = (opcodes: string) => read(Buffer.from(`${opcodes}.`, 'latin1'));

/** As the Python program writes values. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return { map: [...(value as Map<unknown, unknown>)].map((entry) => entry.map(shown)) };
  if (value instanceof Set) return { set: [...(value as Set<unknown>)].map(shown).sort() };
  if (value instanceof PickledBytes) return { bytes: [...readRange(value, 0, value.size)] };
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
}

describe('a pickle', () => {
  test.each(Object.entries(PLAIN))('of %s has the values that Python reads', (_, { value, pickles }) => {
    for (const pickle of pickles) expect(shown(read(Buffer.from(pickle, 'base64')))).toEqual(value);
  });

  test('that is cut off anywhere is an error', () => {
    const { pickles } = PLAIN['plain values']!;
    for (const pickle of pickles) {
      const bytes = Buffer.from(pickle, 'base64');
      const lengths = [...bytes.keys()].filter((length) => isRead(bytes.subarray(0, length)));
      expect(lengths).toEqual([]);
    }
  });

  test('has lists and dictionaries that are the same where Python has the same', () => {
    const root = read(Buffer.from(PLAIN['plain values']!.pickles[4]!, 'base64'));
    const [first, second, inner] = (root as Map<string, [unknown, unknown, [unknown]]>).get('again')!;
    expect(second).toBe(first);
    expect(inner[0]).toBe(first);
  });

  test('keeps objects of classes, however they are made, with their arguments and their state', () => {
    const state = dictionary({ x: byte(1) });
    const object = (args: readonly unknown[], more = {}) => Object.assign(new PickledObject('m.C', args), more);
    const made = { state: new Map([['x', 1]]) };
    expect(readOpcodes(`${call('m.C', byte(1), text('a'))}${state}b`)).toEqual(object([1, 'a'], made));
    expect(readOpcodes(`${named('m.C')}${tuple(byte(2))}\x81${state}b`)).toEqual(object([2], made));
    const keywords = dictionary({ k: byte(3) });
    expect(readOpcodes(`${named('m.C')}${tuple(byte(2))}${keywords}\x92`)).toEqual(object([2, new Map([['k', 3]])]));
    expect(readOpcodes(`${named('m.C')}${tuple(byte(2))}}\x92`)).toEqual(object([2]));
    expect(readOpcodes(`(${byte(4)}im\nC\n`)).toEqual(object([4]));
    expect(readOpcodes(`(${named('m.C')}${byte(5)}o`)).toEqual(object([5]));
    expect(readOpcodes(`${text('m')}${text('C')}\x93)R`)).toEqual(object([]));
    const filled = `${call('m.C')}(${byte(1)}${byte(2)}e(${text('k')}${byte(3)}u`;
    expect(readOpcodes(filled)).toEqual(object([], { elements: [1, 2], entries: new Map([['k', 3]]) }));
    expect(readOpcodes(`${call('m.C')}${byte(1)}a`)).toEqual(object([], { elements: [1] }));
    expect(readOpcodes(`${call('m.make')}${tuple(byte(1))}R`)).toEqual(new PickledObject('m.make', [1]));
    expect(readOpcodes(`${byte(7)})R`)).toEqual(new PickledObject('(an object)', []));
    expect(new PickledObject('m.C').args).toEqual([]);
  });

  test('has a byte order mark in a text where Python has it', () => {
    expect(readOpcodes('X\x04\x00\x00\x00\xef\xbb\xbfa')).toBe('\ufeffa');
  });

  test('names classes, and those of the registry of extensions by their codes', () => {
    expect(readOpcodes('c__builtin__\nset\n')).toMatchObject({ path: 'builtins.set' });
    expect(readOpcodes('ccopy_reg\n_reconstructor\n')).toMatchObject({ path: 'copyreg._reconstructor' });
    for (const code of ['\x82\x05', '\x83\x05\x01', `\x84${u32(65_541)}`]) {
      const value = { 1: 5, 2: 261, 4: 65_541 }[code.length - 1];
      expect(readOpcodes(code)).toEqual(new Global('copyreg.extension', String(value)));
    }
  });

  test('asks for the objects of persistent ids, in text or any value', () => {
    expect(readOpcodes('Pid 7\n')).toEqual({ persistent: 'id 7' });
    expect(readOpcodes(`${tuple(text('storage'), byte(1))}Q`)).toEqual({ persistent: ['storage', 1] });
  });

  test.each([
    ['has an opcode that there is not', '\xff', 'unknown opcode 0xff'],
    ['has an opcode below 16', '\x01', 'unknown opcode 0x01'],
    ['has nothing', '', 'an empty stack'],
    ['takes more than there is', `${byte(1)}\x86`, 'an empty stack'],
    ['lacks a mark', `${byte(1)}t`, 'lacks a mark'],
    ['appends to a number', `${byte(1)}(${byte(2)}e`, 'appends to what is no list'],
    ['appends to a dictionary', `}${byte(2)}a`, 'appends to what is no list'],
    ['sets items of a list', `](${byte(1)}${byte(2)}u`, 'sets items of what is no dictionary'],
    ['sets a key alone', `}(${byte(1)}u`, 'a key without a value'],
    ['calls without a list', `${named('m.C')}${byte(1)}R`, 'calls without arguments'],
    ['recalls what it never kept', 'h\x00', 'refers to nothing'],
    ['recalls a key below 0', `${byte(1)}p0\ng-1\n`, 'refers to nothing'],
    ['recalls a key beyond its last', `${byte(1)}p0\ng1\n`, 'refers to nothing'],
    ['names a class by a number', `${byte(1)}${text('C')}\x93`, 'names a class without text'],
    ['names a class in a number', `${text('m')}${byte(1)}\x93`, 'names a class without text'],
    ['has a float of words', 'Fone\n', 'a float that is none'],
    ['has a float with more behind it', 'F1.5x\n', 'a float that is none'],
    ['has a float with more before it', 'Fx1.5\n', 'a float that is none'],
    ['has an infinite float with more before it', 'Fxinf\n', 'a float that is none'],
    ['has text with more before its quotes', "Sx'a'\n", 'text without quotes'],
    ['has text with more behind its quotes', "S'a'x\n", 'text without quotes'],
    ['has an escape of one digit', `S'\\x4'\n`, 'an escape without its two digits'],
    ['has text without quotes', 'Sabc\n', 'text without quotes'],
    ['has text of two kinds of quotes', `S'abc"\n`, 'text without quotes'],
    ['has an integer of words', 'Lone\n', 'an integer that is none'],
    ['has an integer with a fraction', 'L1.5\n', 'an integer that is none'],
    ['has an integer too long in digits', `L${'1'.repeat(4301)}\n`, 'an integer of 4301 digits'],
    ['has an integer too long in bytes', `\x8b${u32(2049)}${'\x01'.repeat(2049)}`, 'an integer of 2049 bytes'],
    ['has text longer than the file', `X${u32(5)}abcd`, 'cut off'],
    ['has bytes longer than the file', `B${u32(5000)}abcd`, 'cut off'],
  ])('that %s is an error', (_, opcodes, message) => {
    expect(() => readOpcodes(opcodes)).toThrow(message);
  });

  test('may have a float with an exponent without a sign', () => {
    expect(readOpcodes('F1e3\n')).toBe(1000);
  });

  test('may have an integer of as many digits and bytes as Python takes', () => {
    expect(readOpcodes(`L${'0'.repeat(4299)}7\n`)).toBe(7);
    expect(readOpcodes(`\x8b${u32(2048)}\x05${'\x00'.repeat(2047)}`)).toBe(5);
  });

  test('takes no more memory than its size allows', () => {
    const lists = Buffer.from(`(${']'.repeat(1_300_000)}t.`, 'latin1');
    expect(() => read(lists, 100)).toThrow('far more memory than a file of its size needs');
    expect(read(lists)).toHaveLength(1_300_000);
  });
});

describe("calls of Python's containers", () => {
  const value = (path: string, ...args: string[]) => shown(readOpcodes(call(path, ...args)));
  const pairs = list(tuple(text('a'), byte(1)), tuple(text('b'), byte(2)));
  const map = {
    map: [
      ['a', 1],
      ['b', 2],
    ],
  };
  const numbers = list(byte(1), byte(2));

  test('give what Python gives', () => {
    for (const path of ['collections.OrderedDict', 'collections.Counter', 'builtins.dict']) {
      expect(value(path, pairs)).toEqual(map);
      expect(value(path, dictionary({ a: byte(1), b: byte(2) }))).toEqual(map);
      expect(value(path)).toEqual({ map: [] });
    }
    expect(value('collections.defaultdict', named('builtins.int'), pairs)).toEqual(map);
    expect(value('collections.defaultdict', named('builtins.int'))).toEqual({ map: [] });
    for (const path of ['builtins.set', 'builtins.frozenset']) {
      expect(value(path, numbers)).toEqual({ set: [1, 2] });
      expect(value(path)).toEqual({ set: [] });
    }
    for (const path of ['builtins.list', 'builtins.tuple', 'torch.Size']) {
      expect(value(path, numbers)).toEqual([1, 2]);
      expect(value(path)).toEqual([]);
    }
    expect(value('_codecs.encode', text('a\u00e9'), text('latin1'))).toEqual({ bytes: [97, 233] });
    for (const path of ['builtins.bytes', 'builtins.bytearray']) {
      expect(value(path)).toEqual({ bytes: [] });
      expect(value(path, text('a\u00e9'), text('latin-1'))).toEqual({ bytes: [97, 233] });
      expect(value(path, 'C\x02xy')).toEqual({ bytes: [120, 121] });
    }
  });

  test('are kept as objects where their arguments are none that they take', () => {
    const kept = (path: string, ...args: string[]) => readOpcodes(call(path, ...args));
    for (const path of ['collections.OrderedDict', 'builtins.set', 'builtins.list', '_codecs.encode', 'builtins.bytes'])
      expect(kept(path, byte(1))).toEqual(new PickledObject(path, [1]));
    expect(kept('_codecs.encode', 'C\x02xy')).toBeInstanceOf(PickledObject);
    for (const items of [
      list(tuple(byte(1), byte(2)), byte(3)),
      numbers,
      list(tuple(byte(1))),
      list(tuple(byte(1), byte(2), byte(3))),
    ])
      expect(kept('builtins.dict', items)).toBeInstanceOf(PickledObject);
    expect(kept('copyreg._reconstructor', byte(1))).toMatchObject({ path: 'copyreg._reconstructor' });
    expect(kept('copyreg.__newobj__', byte(1))).toMatchObject({ path: 'copyreg.__newobj__' });
    expect(kept('os.system', text('true'))).toEqual(new PickledObject('os.system', ['true']));
  });

  test('make objects of classes, those of subclasses of dict and list with their items', () => {
    const made = (...args: string[]) => readOpcodes(call('copyreg._reconstructor', ...args));
    const plain = new PickledObject('m.C');
    expect(made(named('m.C'), named('builtins.object'), 'N')).toEqual(plain);
    const entries = new Map([['a', 1]]);
    const ofDict = made(named('m.C'), named('builtins.dict'), dictionary({ a: byte(1) }));
    expect(ofDict).toEqual(Object.assign(new PickledObject('m.C'), { entries }));
    const ofList = made(named('m.C'), named('builtins.list'), numbers);
    expect(ofList).toEqual(Object.assign(new PickledObject('m.C'), { elements: [1, 2] }));
    expect(readOpcodes(call('copyreg.__newobj__', named('m.C'), byte(1)))).toEqual(new PickledObject('m.C', [1]));
  });
});
