import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

interface Fixture {
  /** How it was made. */
  readonly made: string;
  /** Base64 of the gzipped pickle, in lines. */
  readonly pickle: readonly string[];
  /** Base64 of the `.npz`, in lines. */
  readonly reference: readonly string[];
}

/** Options of the networks of the pickle. */
export const NVLABS_GENERATOR = {
  type: 'stylegan2-generator',
  size: 16,
  channelMultiplier: 2,
  maxChannels: 512,
  channels: { 4: 4, 8: 4, 16: 2 },
  styleWidth: 4,
  mappingLayers: 2,
  mappingRate: 0.01,
  convClamp: 2,
};
export const NVLABS_DISCRIMINATOR = {
  type: 'stylegan2-discriminator',
  size: 16,
  channelMultiplier: 2,
  maxChannels: 512,
  channels: { 4: 4, 8: 4, 16: 2 },
  stddevGroup: 2,
  architecture: 'skip',
  convClamp: 2,
};

/** A folder with a small pickle of NVlabs, `small.pkl`, and its `small.reference.npz`. */
export function nvlabsFolder(): string {
  const { pickle, reference } = JSON.parse(readFileSync(new URL('./nvlabs.json', import.meta.url), 'utf8')) as Fixture;
  const folder = mkdtempSync(join(tmpdir(), 'nvlabs-'));
  writeFileSync(join(folder, 'small.pkl'), gunzipSync(Buffer.from(pickle.join(''), 'base64')));
  writeFileSync(join(folder, 'small.reference.npz'), Buffer.from(reference.join(''), 'base64'));
  return folder;
}
