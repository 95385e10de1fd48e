import { Trouble, type Photograph } from './photograph.ts';
import { inSeconds, type Restored, type Restoring, type Wishes } from './restoring.ts';

/** Has the server restore (`yarn serve`): the file is sent as it is, and comes back in its own format. */
export class OnServer implements Restoring {
  prepare(): void {}

  async restore(
    { file }: Photograph,
    { method }: Wishes,
    { signal, progress }: Parameters<Restoring['restore']>[2],
  ): Promise<Restored> {
    progress('Restoring on the server …');
    const begin = performance.now();
    const response = await fetch(`restore?method=${encodeURIComponent(method)}`, {
      method: 'POST',
      body: file,
      signal,
    });
    if (!response.ok) throw new Trouble(`“${file.name}” is not restored: ${await reason(response)}.`);
    const image = await response.blob();
    const tiles = Number(response.headers.get('Restored-Tiles'));
    const seconds = (performance.now() - begin) / 1000;
    const notes = response.headers.get('Restored-Notes');
    return {
      image,
      facts: [inSeconds(seconds), 'Node', tiles === 1 ? 'untiled' : `${tiles} tiles`],
      notes: notes === null ? [] : [`Of this photograph: ${notes}.`],
    };
  }
}

async function reason(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { error: string }).error;
  } catch {
    return `the server answers ${response.status}`;
  }
}
