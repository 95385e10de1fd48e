import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../files/bytes.ts';
import { Budget } from './budget.ts';
import { PickleReader } from './pickle-reader.ts';
import { unpickle } from './pickle.ts';
import { byte, dictionary, list, named, remembered, text, tuple, u32 } from './testing/pickles.ts';

/** Within 96 MiB, which a pickle of no bytes may take. */
function read(opcodes: string): unknown {
  const [budget, bytes] = [new Budget(0), Buffer.from(`${opcodes}.`, 'latin1')];
  const unpickling = { call: () => undefined, persistent: () => undefined };
  return unpickle(new PickleReader(memoryBytes(bytes), budget), unpickling, budget);
}

describe('what a pickle takes counts', () => {
  const items = Array.from({ length: 5000 }, () => 'N');
  const entries = dictionary(Object.fromEntries(items.map((_, i) => [String(i), 'N'])));
  const set = `\x8f(${Array.from({ length: 5000 }, (_, i) => `M${u32(i).slice(0, 2)}`).join('')}\x90`;
  /** The same call again and again, of which each may copy its arguments of at least 8 bytes each. */
  const calls = (args: string, times: number) => `${remembered(0, args)}0(${`${named('m.C')}h\x00R`.repeat(times)}t`;

  test.each([
    ['a list that an argument is', calls(tuple(list(...items)), 300)],
    ['a dictionary that an argument is', calls(tuple(entries), 300)],
    ['a set that an argument is', calls(tuple(set), 300)],
    ['a text that an argument is', calls(tuple(text('x'.repeat(5000))), 6000)],
    ['the items of a set', `(${'N'.repeat(1_350_000)}\x91`],
  ])('%s', (_, opcodes) => {
    expect(() => read(opcodes)).toThrow('far more memory');
  });

  test('the arguments of a call, each of which is in a list and an object: two addresses of 8 bytes', () => {
    const spent = (args: readonly string[]) => {
      let sum = 0;
      const budget = { spend: (bytes: number) => (sum += bytes) } as unknown as Budget;
      const bytes = memoryBytes(Buffer.from(`${named('m.C')}${tuple(...args)}R.`, 'latin1'));
      unpickle(new PickleReader(bytes, budget), { call: () => undefined, persistent: () => undefined }, budget);
      return sum;
    };
    expect(spent(items) - spent([])).toBeGreaterThanOrEqual(16 * items.length);
  });

  test('but a dictionary of half a million entries is no more than 96 MiB', () => {
    expect(read(`}(${'NN'.repeat(500_000)}u`)).toEqual(new Map([[null, null]]));
  });
});

// What Python's pickle.loads gives or refuses.
describe('a pickle', () => {
  test('counts keys that are not in order when it memorises in turn', () => {
    expect(read(`(${byte(7)}q\x05${byte(8)}\x94h\x01t`)).toEqual([7, 8, 8]);
  });

  test('may have lines and texts of any length', () => {
    const long = 'x'.repeat(200_000);
    expect(read(`(V${long}\nV${long.slice(0, 65_535)}\n${byte(1)}t`)).toEqual([long, long.slice(0, 65_535), 1]);
    expect(read(`(${text(long)}${text(long)}${byte(1)}t`)).toEqual([long, long, 1]);
  });

  test('has no character beyond the last one of Unicode', () => {
    expect(read('V\\U0010ffff\n')).toBe('\u{10ffff}');
    expect(() => read('V\\U00110000\n')).toThrow();
  });

  test('has an escape of a capital X as it stands', () => {
    expect(read(`S'\\X41'\n`)).toBe('\\X41');
  });

  test.each(['L1L2\n', 'L1LL\n'])('has no integer %j', (opcodes) => {
    expect(() => read(opcodes)).toThrow('an integer that is none');
  });
});
