import { element } from './elements.ts';

/** Images that are no larger are shown pixel by pixel. */
const SMALL = 192;

/** Both sides of a photograph over each other, with a divider. */
export class Slider {
  readonly #stack = element('stack', HTMLElement);
  readonly #before = element('slider-left', HTMLImageElement);
  readonly #after = element('slider-right', HTMLImageElement);
  readonly #divider = element('slider-divider', HTMLInputElement);

  constructor() {
    this.#divider.addEventListener('input', () => this.#move());
  }

  /** Shows the photograph alone. */
  begin(url: string, { width, height }: { readonly width: number; readonly height: number }): void {
    this.#stack.style.setProperty('--ratio', String(width / height));
    this.#stack.style.setProperty('--width', `${width}px`);
    const isSmall = Math.max(width, height) <= SMALL;
    for (const image of [this.#before, this.#after]) image.classList.toggle('pixelated', isSmall);
    this.#stack.classList.toggle('small', isSmall);
    this.#stack.classList.add('waiting');
    this.#before.src = url;
    this.#after.src = url;
    this.#after.alt = '';
    this.#divider.disabled = true;
  }

  /** Shows the restored one beside it. */
  async end(url: string): Promise<void> {
    this.#after.src = url;
    this.#after.alt = 'The restored photograph, on the right';
    await this.#after.decode();
    this.#stack.classList.remove('waiting');
    this.#divider.disabled = false;
    this.#divider.value = '50';
    this.#move();
  }

  #move(): void {
    const { value } = this.#divider;
    this.#stack.style.setProperty('--at', `${value}%`);
    this.#divider.setAttribute('aria-valuetext', `${value} % before, then after`);
  }
}
