import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { fileSize } from '../../console/file-size.ts';
import { Refusal } from './refusal.ts';

/** Writes the body of a request to a file. Errors: `Refusal` for a body that is empty or larger than `most` bytes; the connection is cut. */
export async function receive(request: IncomingMessage, file: string, most: number): Promise<void> {
  const tooLarge = new Refusal(413, `the photograph is larger than ${fileSize(most)}`, { Connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge;
  let size = 0;
  await pipeline(
    request,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > most) throw tooLarge;
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  if (size === 0) throw new Refusal(400, 'the body of the request is empty; send the bytes of a photograph');
}
