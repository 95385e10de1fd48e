import { element } from './elements.ts';
import type { PageSettings } from './model.ts';
import { readPhotograph, Trouble, type Photograph } from './photograph.ts';
import type { Restoring } from './restoring.ts';
import { Slider } from './slider.ts';

type State = 'empty' | 'working' | 'done';

/** The page: takes a photograph, has it restored, and shows both. */
export class App {
  readonly #settings = JSON.parse(element('settings', HTMLScriptElement).text) as PageSettings;
  readonly #slider = new Slider();
  readonly #method = element('method', HTMLSelectElement);
  readonly #tile = element('tile', HTMLSelectElement);
  readonly #file = element('file', HTMLInputElement);
  readonly #progress = element('progress', HTMLProgressElement);
  readonly #words = element('words', HTMLElement);
  readonly #message = element('message', HTMLElement);
  readonly #notes = element('notes', HTMLElement);
  readonly #save = element('save', HTMLAnchorElement);
  #work = new AbortController();
  #photograph: Photograph | undefined;

  constructor(private readonly restoring: Restoring) {}

  start(): void {
    this.#show('empty');
    this.#listenForFiles();
    this.#method.addEventListener('change', () => {
      this.restoring.prepare(this.#method.value);
      this.again();
    });
    this.#tile.addEventListener('change', () => this.again());
    element('stop', HTMLButtonElement).addEventListener('click', () => {
      this.#work.abort();
      this.#photograph = undefined;
      this.#show('empty');
    });
    this.restoring.prepare(this.#method.value);
    for (const [i, sample] of this.#settings.samples.entries()) {
      const open = () => void this.#open(sampleFile(sample.file));
      element(`sample-${i}`, HTMLButtonElement).addEventListener('click', open);
      if (new URLSearchParams(location.search).get('sample') === String(i + 1)) open();
    }
  }

  /** Restores the photograph that is shown with what is chosen now. */
  again(): void {
    if (this.#photograph) void this.#restore(this.#photograph);
  }

  #listenForFiles(): void {
    this.#file.addEventListener('change', () => {
      const [file] = this.#file.files ?? [];
      this.#file.value = '';
      if (file) void this.#open(file);
    });
    element('another', HTMLButtonElement).addEventListener('click', () => this.#file.click());
    const { body } = document;
    addEventListener('dragover', (event) => {
      event.preventDefault();
      body.classList.add('dragging');
    });
    addEventListener('dragleave', (event) => event.relatedTarget ?? body.classList.remove('dragging'));
    addEventListener('drop', (event) => {
      event.preventDefault();
      body.classList.remove('dragging');
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void this.#open(file);
    });
    addEventListener('paste', ({ clipboardData }) => {
      const [file] = clipboardData?.files ?? [];
      if (file) void this.#open(file);
    });
  }

  async #open(file: File | Promise<File>): Promise<void> {
    this.#work.abort();
    const work = (this.#work = new AbortController());
    if (this.#photograph) URL.revokeObjectURL(this.#photograph.url);
    this.#photograph = undefined;
    try {
      const photograph = await readPhotograph(await file);
      if (work.signal.aborted) return URL.revokeObjectURL(photograph.url); // another one was given meanwhile
      this.#photograph = photograph;
      await this.#restore(photograph);
    } catch (error) {
      if (!work.signal.aborted) this.#complain(error);
    }
  }

  async #restore(photograph: Photograph): Promise<void> {
    this.#work.abort();
    const work = (this.#work = new AbortController());
    this.#slider.begin(photograph.url, photograph.image);
    this.#notes.textContent = '';
    this.#show('working');
    const wishes = { method: this.#method.value, tile: Number(this.#tile.value) };
    try {
      const { image, facts, notes } = await this.restoring.restore(photograph, wishes, {
        signal: work.signal,
        progress: (words, share) => !work.signal.aborted && this.#tell(words, share),
      });
      if (work.signal.aborted) return;
      URL.revokeObjectURL(this.#save.href);
      this.#save.href = URL.createObjectURL(image);
      this.#save.download = restoredName(photograph.file.name, image.type);
      await this.#slider.end(this.#save.href);
      const { width, height } = photograph.image;
      element('facts', HTMLElement).textContent = [`${width} × ${height}`, ...facts].join(' · ');
      this.#notes.textContent = notes.join(' ');
      this.#show('done');
    } catch (error) {
      if (!work.signal.aborted) this.#complain(error);
    }
  }

  #tell(words: string, share: number | undefined): void {
    this.#words.textContent = words;
    if (share === undefined) this.#progress.removeAttribute('value');
    else this.#progress.value = share;
  }

  #complain(error: unknown): void {
    if (!(error instanceof Trouble)) console.error(error);
    this.#show('empty');
    this.#message.textContent =
      error instanceof Trouble ? error.message : `Something went wrong here: ${String(error)}. Reload the page.`;
  }

  #show(state: State): void {
    document.body.dataset['state'] = state;
    this.#message.textContent = '';
    for (const part of document.querySelectorAll<HTMLElement>('[data-in]')) {
      part.hidden = !part.dataset['in']!.split(' ').includes(state);
    }
  }
}

/** Errors: `Trouble` if it cannot be had. */
async function sampleFile(address: string): Promise<File> {
  const response = await fetch(address).catch(() => undefined);
  if (!response?.ok) throw new Trouble(`The sample ${address}, which belongs to this page, cannot be read.`);
  return new File([await response.blob()], address.split('/').at(-1)!, { type: 'image/png' });
}

/** `face.jpg` becomes `face-restored.png`. */
function restoredName(name: string, type: string): string {
  const ending = type.split('/')[1]!.replace('jpeg', 'jpg');
  return `${name.replace(/\.[^.]*$/, '')}-restored.${ending}`;
}
