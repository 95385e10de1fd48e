import { Writable } from 'node:stream';

/** The lines that a user sees on a terminal: enough of one for what bars and boards write. */
export class Screen extends Writable {
  readonly columns = 80;
  readonly rows = 24;
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
    const up = /^\x1b\[(\d+)A$/.exec(text); // eslint-disable-line no-control-regex
    if (text === '\n') {
      this.#column = 0;
      if (++this.#row === this.lines.length) this.lines.push('');
    } else if (text === '\r' || text === '\x1b[1G') this.#column = 0;
    else if (text === '\x1b7') this.#saved = this.#row;
    else if (text === '\x1b8') this.#row = this.#saved;
    else if (up) this.#row -= Number(up[1]);
    else if (text === '\x1b[K' || text === '\x1b[0K') this.lines[this.#row] = line.slice(0, this.#column);
    else if (text === '\x1b[J') this.lines.splice(this.#row, this.lines.length, line.slice(0, this.#column));
    else if (text.startsWith('\x1b')) return;
    else {
      this.lines[this.#row] =
        line.slice(0, this.#column).padEnd(this.#column) + text + line.slice(this.#column + text.length);
      this.#column += text.length;
    }
  }
}
