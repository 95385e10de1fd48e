/** What the file of a photograph holds beside its pixels. */
export interface FileMetadata {
  /** A TIFF structure, from its byte order on. */
  readonly exif?: FileBytes | undefined;
  /** Where in the file that begins. */
  readonly exifAt?: number | undefined;
  /** ICC profile. */
  readonly profile?: FileBytes | undefined;
}

export type FileBytes = Uint8Array<ArrayBuffer>;

/** Begin and end in the file. */
type Place = readonly [begin: number, end: number];

/** The largest profile that is read of a PNG, where it is compressed. Those of cameras and screens have some hundred or thousand bytes. */
const LONGEST_PROFILE = 2 ** 22;

const EXIF = 'Exif\0\0';
const PROFILE = 'ICC_PROFILE\0';

/** Reads the metadata of a JPEG (JFIF, Exif 2.3), PNG (third edition) or WebP (RFC 9649). Of other and of damaged files it is empty. */
export async function metadataOf(file: Blob): Promise<FileMetadata> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    if (isAt(bytes, 0, '\xff\xd8')) return await ofJpeg(bytes);
    if (isAt(bytes, 0, '\x89PNG\r\n\x1a\n')) return await ofPng(bytes);
    if (isAt(bytes, 0, 'RIFF') && isAt(bytes, 8, 'WEBP')) return ofWebp(bytes);
  } catch {
    // It is no reason not to restore the photograph.
  }
  return {};
}

/** Segments: a marker, the length with itself, the content. */
async function ofJpeg(bytes: FileBytes): Promise<FileMetadata> {
  const view = new DataView(bytes.buffer);
  let exif: Place | undefined;
  const parts: FileBytes[] = [];
  for (let at = 2; bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    if (bytes[at + 1] === 0xff) {
      at++; // a byte that only fills
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (bytes[at + 1] === 0xe1 && isAt(bytes, at + 4, EXIF)) exif ??= [at + 4 + EXIF.length, end];
    // Long profiles lie in several segments, each with its number, from 1 on, and their count.
    if (bytes[at + 1] === 0xe2 && isAt(bytes, at + 4, PROFILE)) {
      parts[bytes[at + 4 + PROFILE.length]!] = bytes.slice(at + 4 + PROFILE.length + 2, end);
    }
    at = end;
  }
  return { ...exifAt(bytes, exif), profile: parts.length > 0 ? await joined(parts.filter(Boolean)) : undefined };
}

/** Chunks: the length of the content, the type, the content, and a checksum. */
async function ofPng(bytes: FileBytes): Promise<FileMetadata> {
  const view = new DataView(bytes.buffer);
  let exif: Place | undefined;
  let compressed: FileBytes | undefined;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const [begin, end] = [at + 8, at + 8 + view.getUint32(at)];
    if (isAt(bytes, at + 4, 'eXIf')) exif = [begin, end];
    // after a name and the number of the method
    if (isAt(bytes, at + 4, 'iCCP')) compressed = bytes.slice(bytes.indexOf(0, begin) + 2, end);
  }
  return { ...exifAt(bytes, exif), profile: compressed && (await inflated(compressed)) };
}

/** Chunks: the type, the length of the content, the content, which is filled up to an even length. */
function ofWebp(bytes: FileBytes): FileMetadata {
  const view = new DataView(bytes.buffer);
  let exif: Place | undefined;
  let profile: FileBytes | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const begin = at + 8;
    const isLikeJpeg = isAt(bytes, begin, EXIF); // as some write it
    if (isAt(bytes, at, 'EXIF')) exif = [begin + (isLikeJpeg ? EXIF.length : 0), begin + size];
    if (isAt(bytes, at, 'ICCP')) profile = bytes.slice(begin, begin + size);
    at = begin + size + (size % 2);
  }
  return { ...exifAt(bytes, exif), profile };
}

function exifAt(bytes: FileBytes, place: Place | undefined): FileMetadata {
  return place ? { exif: bytes.slice(...place), exifAt: place[0] } : {};
}

/** Errors: what is compressed is damaged or too long. */
async function inflated(compressed: FileBytes): Promise<FileBytes> {
  const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const parts: FileBytes[] = [];
  for (let size = 0; size <= LONGEST_PROFILE; size += parts.at(-1)!.length) {
    const { done, value } = await reader.read();
    if (done) return joined(parts);
    parts.push(value as FileBytes);
  }
  await reader.cancel();
  throw new RangeError('the profile is too long');
}

async function joined(parts: readonly FileBytes[]): Promise<FileBytes> {
  return new Uint8Array(await new Blob([...parts]).arrayBuffer());
}

/** Whether these characters, each a byte, lie there. */
function isAt(bytes: Uint8Array, at: number, text: string): boolean {
  return Array.from(text).every((character, i) => bytes[at + i] === character.charCodeAt(0));
}
