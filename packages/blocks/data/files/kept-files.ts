import type { Image, Size } from '../../images/image.ts';
import { DecodedFiles } from './decoded-files.ts';

/** What of a source says how much its images take. */
interface Source {
  readonly count: number;
  size(index: number): Size | undefined;
  readDegraded?: unknown;
}

/** The decoded images of a source on the disk: the first ones, as many as fit, since each is used as often as any other. */
export class KeptFiles {
  readonly #decoded = new DecodedFiles();
  #count: number | undefined;

  /** @param bytes most that they take */
  constructor(
    private readonly source: Source,
    private readonly size: number | undefined,
    private readonly bytes: number,
  ) {}

  /** Errors: there is no place for them. */
  prepare(): void {
    this.#decoded.prepare();
  }

  /** The image of this number in its file, decoded by `read` unless it is kept. Errors: those of `read`. */
  get(index: number, file: string | undefined, read: () => Promise<Image>): Promise<Image> {
    this.#count ??= this.#fitting();
    return file === undefined || index >= this.#count ? read() : this.#decoded.get(file, this.size, read);
  }

  #fitting(): number {
    const { source } = this;
    const images = source.readDegraded ? 2 : 1;
    let taken = 0;
    for (let index = 0; index < source.count; index++) {
      const { width, height } = source.size(index) ?? { width: 0, height: 0 };
      taken += images * 3 * width * height;
      if (taken > this.bytes) return index;
    }
    return source.count;
  }
}
