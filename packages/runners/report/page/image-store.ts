import { readFile } from 'node:fs/promises';
import { UserError } from '@dualprior/core';
import sharp from 'sharp';
import { html, json, type Html } from './html.ts';

/** Files up to so many bytes stay as they are; larger ones become WebP of this quality. */
const SMALL = 64 * 1024;
const QUALITY = 90;
/** Images up to so many pixels wide are shown enlarged with their pixels visible. */
const PIXELATED = 192;

/** An image element's key, size and shape. */
interface StoredImage {
  readonly key: string;
  readonly width: number;
  readonly height: number;
}

/** The images of a page, each once however often it is shown: `<img data-image=KEY>` gets its data from one list. */
export class ImageStore {
  readonly #images = new Map<string, Promise<StoredImage & { readonly uri: string }>>();

  /** Enters a file. Errors: `UserError` if it is no image. */
  async add(file: string): Promise<StoredImage> {
    const known = this.#images.get(file) ?? this.#read(file, `i${this.#images.size}`);
    this.#images.set(file, known);
    return known;
  }

  /** An image element. `alt`: what it shows, empty where the text beside it says so. */
  async show(file: string, alt: string, kind = ''): Promise<Html> {
    const { key, width, height } = await this.add(file);
    const classes = [kind, width <= PIXELATED ? 'pixelated' : ''].filter(Boolean).join(' ');
    return html`<img data-image="${key}" alt="${alt}" class="${classes}" width="${width}" height="${height}" />`;
  }

  /** The element that holds the data of all images. */
  async data(): Promise<Html> {
    const images = await Promise.all(this.#images.values());
    const uris = Object.fromEntries(images.map(({ key, uri }) => [key, uri]));
    return html`<script type="application/json" id="images">
      ${json(uris)}
    </script>`;
  }

  async #read(file: string, key: string): Promise<StoredImage & { readonly uri: string }> {
    try {
      return await this.#encode(file, key);
    } catch (error) {
      throw new UserError(`${file} is damaged: ${(error as Error).message}. Remove it: the report goes without it.`);
    }
  }

  async #encode(file: string, key: string): Promise<StoredImage & { readonly uri: string }> {
    const bytes = await readFile(file);
    const image = sharp(bytes);
    const { width, height, format } = await image.metadata();
    const keep = bytes.length <= SMALL && format === 'png';
    const data = keep ? bytes : await image.webp({ quality: QUALITY }).toBuffer();
    return { key, width, height, uri: `data:image/${keep ? 'png' : 'webp'};base64,${data.toString('base64')}` };
  }
}
