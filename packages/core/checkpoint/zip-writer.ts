import { checksum } from './checksum.ts';

/** PyTorch begins each member at a multiple of this, so that its numbers can be mapped into memory. */
const ALIGNMENT = 64;
const LARGEST = 2 ** 32 - 1;
const STORED_SINCE = 20;

interface Member {
  readonly name: Uint8Array;
  readonly size: number;
  readonly checksum: number;
  /** The position of the local header. */
  readonly offset: number;
}

/** Writes a zip archive of members as they are, unpacked, of less than 4 GiB in all (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). */
export class ZipWriter {
  readonly #members: Member[] = [];
  #position = 0;

  constructor(private readonly append: (bytes: Uint8Array) => void) {}

  /** Errors: the archive would be larger than 4 GiB. */
  add(name: string, content: Uint8Array): void {
    const member = {
      name: Buffer.from(name),
      size: content.length,
      checksum: checksum(content),
      offset: this.#position,
    };
    const unaligned = this.#position + 30 + member.name.length + 4;
    const padding = Buffer.alloc(4 + ((ALIGNMENT - (unaligned % ALIGNMENT)) % ALIGNMENT));
    padding.write('FB', 'latin1'); // PyTorch's padding field
    padding.writeUInt16LE(padding.length - 4, 2);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(STORED_SINCE, 4);
    this.#facts(header, 14, member);
    header.writeUInt16LE(member.name.length, 26);
    header.writeUInt16LE(padding.length, 28);
    for (const part of [header, member.name, padding, content]) this.#write(part);
    this.#members.push(member);
  }

  /** The directory, at the end. */
  end(): void {
    const begin = this.#position;
    for (const member of this.#members) {
      const entry = Buffer.alloc(46);
      entry.writeUInt32LE(0x02014b50, 0);
      entry.writeUInt16LE(STORED_SINCE, 4);
      entry.writeUInt16LE(STORED_SINCE, 6);
      this.#facts(entry, 16, member);
      entry.writeUInt16LE(member.name.length, 28);
      entry.writeUInt32LE(member.offset, 42);
      this.#write(entry);
      this.#write(member.name);
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#members.length, 8);
    end.writeUInt16LE(this.#members.length, 10);
    end.writeUInt32LE(this.#position - begin, 12);
    end.writeUInt32LE(begin, 16);
    this.#write(end);
  }

  /** Checksum, size packed, size unpacked. */
  #facts(header: Buffer, at: number, { checksum: crc, size }: Member): void {
    header.writeUInt32LE(crc, at);
    header.writeUInt32LE(size, at + 4);
    header.writeUInt32LE(size, at + 8);
  }

  #write(bytes: Uint8Array): void {
    this.append(bytes);
    this.#position += bytes.length;
    if (this.#position > LARGEST || this.#members.length >= 65535) {
      throw new Error('the archive would be larger than the format allows');
    }
  }
}
