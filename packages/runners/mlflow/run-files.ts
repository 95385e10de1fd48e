import { randomUUID } from 'node:crypto';
import type { MlflowClient } from './rest-client.ts';
import type { ServerRun } from './server-run.ts';

interface ListedFile {
  readonly path: string;
}

/** The files of a run on the server: artifacts, and images so that MLflow's image grid shows them. What is there already is replaced. */
export class RunFiles {
  /** Names of the images by key and step, once the server was asked. */
  #images: Map<string, string> | undefined;
  /** Names of those that have arrived without what the grid shows. */
  readonly #halfDone = new Set<string>();

  constructor(
    private readonly client: MlflowClient,
    private readonly run: Pick<ServerRun, 'id' | 'artifactRoot'>,
  ) {}

  async putArtifact(path: string, content: Buffer): Promise<void> {
    await this.client.putArtifact(this.run.artifactRoot, path, content);
  }

  /** Stores an image and what the grid shows of it. The run's tag `mlflow.loggedImages` makes the grid look for them. */
  async putImage(key: string, step: number, time: number, png: Buffer, thumbnail: Buffer): Promise<void> {
    this.#images ??= await this.#listImages();
    const slot = `${key}+step+${step}`;
    const name = this.#images.get(slot) ?? `${slot}+timestamp+${time}+${randomUUID()}`;
    this.#images.set(slot, name);
    if (!this.#halfDone.has(name)) await this.putArtifact(`images/${name}.png`, png);
    this.#halfDone.add(name);
    await this.putArtifact(`images/${name}+compressed.webp`, thumbnail);
    this.#halfDone.delete(name);
  }

  async #listImages(): Promise<Map<string, string>> {
    const images = new Map<string, string>();
    for (let token = ''; ;) {
      const { files = [], next_page_token } = await this.client.get<{ files?: ListedFile[]; next_page_token?: string }>(
        'artifacts/list',
        { run_id: this.run.id, path: 'images', ...(token && { page_token: token }) },
      );
      for (const { path } of files) {
        const [, name, slot] = /^images\/((.+\+step\+\d+)\+timestamp\+.+)\.png$/.exec(path) ?? [];
        if (name && slot) images.set(slot, name);
      }
      if (!next_page_token) return images;
      token = next_page_token;
    }
  }
}
