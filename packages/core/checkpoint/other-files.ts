import { readRange, type Bytes } from '../files/bytes.ts';

const HEAD = 1024;

/** What a file is that is certainly no checkpoint, and what to do; undefined for any other. */
export function otherFile(bytes: Bytes): string | undefined {
  if (bytes.size === 0) return 'is empty. Get it again; its download or copy may have been interrupted.';
  const head = Buffer.from(readRange(bytes, 0, Math.min(bytes.size, HEAD))).toString('latin1');
  return KINDS.find(({ isIt }) => isIt(head))?.message(head);
}

const KINDS: readonly { isIt(head: string): boolean; message(head: string): string }[] = [
  {
    isIt: (head) => /^version https:\/\/git-lfs\./.test(head),
    message(head) {
      const size = /^size (\d+)$/m.exec(head)?.[1];
      const what = size === undefined ? 'the file itself' : `the file itself, which has ${size} bytes`;
      return `is a Git LFS pointer, not ${what}. Run \`git lfs pull\` in its repository, or download the file.`;
    },
  },
  {
    isIt: (head) => /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|\?xml|!--)/i.test(head),
    message(head) {
      const title = /<title>([^<]{1,80})/i.exec(head)?.[1]!.trim();
      const page = title ? `a web page ("${title}")` : 'a web page';
      return `is ${page}, not the file that was to be downloaded. Open its address in a browser: it may ask to log in or to confirm.`;
    },
  },
  archive('\x1f\x8b', 'a gzip archive'),
  archive('7z\xbc\xaf', 'a 7-Zip archive'),
  archive('Rar!', 'a RAR archive'),
  {
    isIt: (head) => /^[^]{257}ustar/.test(head),
    message: () =>
      'is a tar archive. Unpack it and name the checkpoint in it. If PyTorch wrote it (before version 0.1.10), load and save it with PyTorch.',
  },
  other('\x89HDF', 'an HDF5 file (Keras)'),
  other('GGUF', 'a GGUF file'),
  other('\x93NUMPY', 'a NumPy array'),
];

function archive(magic: string, what: string) {
  return {
    isIt: (head: string) => head.startsWith(magic),
    message: () => `is ${what}. Unpack it and name the checkpoint in it.`,
  };
}

function other(magic: string, what: string) {
  return {
    isIt: (head: string) => head.startsWith(magic),
    message: () => `is ${what}. Checkpoints of PyTorch and safetensors files are read.`,
  };
}
