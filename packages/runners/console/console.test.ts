import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Console } from './console.ts';
import type { ProgressView } from './progress.ts';

/** The lines that a person sees on a terminal: enough of one for what a bar writes. */
class Screen extends Writable {
  readonly columns = 80;
  readonly lines = [''];
  #row = 0;
  #column = 0;
  #saved = 0;

  constructor(readonly isTTY: boolean) {
    super();
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    // eslint-disable-next-line no-control-regex -- these are the codes of a terminal
    for (const [text] of String(chunk).matchAll(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[78]|\r|\n|[^\x1b\r\n]+/g))
      this.#take(text);
    done();
  }

  #take(text: string): void {
    const line = this.lines[this.#row]!;
    if (text === '\n') {
      this.#column = 0;
      if (++this.#row === this.lines.length) this.lines.push('');
    } else if (text === '\r' || text === '\x1b[1G') this.#column = 0;
    else if (text === '\x1b7') this.#saved = this.#row;
    else if (text === '\x1b8') this.#row = this.#saved;
    else if (text === '\x1b[K' || text === '\x1b[0K') this.lines[this.#row] = line.slice(0, this.#column);
    else if (text.startsWith('\x1b')) return;
    else {
      this.lines[this.#row] =
        line.slice(0, this.#column).padEnd(this.#column) + text + line.slice(this.#column + text.length);
      this.#column += text.length;
    }
  }
}

let screen: Screen;
let console: Console;
let bar: ProgressView;

beforeEach(() => {
  screen = new Screen(true);
  console = new Console(screen);
  console.info('Stage restore');
  bar = console.progress('training', 200, 0, 'iterations');
});

afterEach(() => bar.stop());

test('lines printed while a bar is shown stand above it, and nothing of the bar stays behind', () => {
  bar.update(50, 'loss -21.52');
  console.info('one');
  console.info('two');
  bar.update(100, 'loss -22.00');
  bar.stop();
  console.info('three');
  const [stage, one, two, shown, three, end, ...rest] = screen.lines;
  expect([stage, one, two, three, end, rest]).toEqual(['Stage restore', 'one', 'two', 'three', '', []]);
  expect(shown).toMatch(/^ {2}training █{12}░{12} 100\/200 iterations · \d+ s left · loss -22\.00$/);
});

test('a bar never wraps: the time left comes before what may be cut off', () => {
  bar.update(1, 'a note '.repeat(20));
  bar.stop();
  expect(screen.lines[1]).toHaveLength(79);
  expect(screen.lines[1]).toContain(' left · a note');
});

test('without a terminal there are whole lines', () => {
  const file = new Screen(false);
  const progress = new Console(file).progress('NAFNet', 4, 0, 'images');
  progress.update(2, '');
  progress.update(4, 'done');
  progress.stop();
  expect(file.lines).toEqual(['  NAFNet 4/4 images · done', '']);
});
