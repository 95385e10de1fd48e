import { parseNetworkReference, withOptions, type ComponentSpec, type Experiment } from '@dualprior/core';

/** What a weights file says of the network that it holds: its type and its options, without the weights that it began with. */
interface NetworkMetadata {
  readonly architecture: string;
  readonly options: Readonly<Record<string, unknown>>;
}

function networkMetadata(spec: ComponentSpec): NetworkMetadata {
  const { type, ...options } = withOptions(spec);
  const own = Object.entries(options).filter(([name]) => name !== 'weights');
  return { architecture: type, options: Object.fromEntries(own) };
}

/** Metadata of a file that holds one network. */
export function ofOneNetwork(spec: ComponentSpec): Record<'architecture' | 'options', string> {
  const { architecture, options } = networkMetadata(spec);
  return { architecture, options: JSON.stringify(options) };
}

/** Metadata of a file that holds several networks, each below its part's name. */
export function ofNetworks(specs: Iterable<readonly [part: string, spec: ComponentSpec]>): Record<'networks', string> {
  const networks = [...specs].map(([part, spec]) => [part, networkMetadata(spec)] as const);
  return { networks: JSON.stringify(Object.fromEntries(networks)) };
}

/** Metadata of the files of a stage, which hold its networks by role. */
export function ofStage(experiment: Experiment, stage: string): Record<'networks' | 'experiment', string> {
  const networks = [...experiment.networkRoles('stages', stage)].map(([role, reference]) => {
    const { network } = parseNetworkReference(reference);
    return [role, experiment.entry('networks', network)] as const;
  });
  const { name, hash } = experiment;
  return { ...ofNetworks(networks), experiment: JSON.stringify({ name, hash, stage }) };
}

/**
 * What metadata say of a part of a file: of all of it, or of a role or its average (`ROLE.ema`); undefined where they say nothing that can be
 * understood. They may come from others.
 */
export function readMetadata(metadata: ReadonlyMap<string, string>, part: string): NetworkMetadata | undefined {
  const role = part.replace(/\.ema$/, '');
  const whole = { architecture: metadata.get('architecture'), options: parsed(metadata.get('options')) };
  const said = metadata.has('networks') ? own(parsed(metadata.get('networks')), role) : whole;
  const [architecture, options] = [own(said, 'architecture'), own(said, 'options')];
  return typeof architecture === 'string' && isRecord(options) ? { architecture, options } : undefined;
}

function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
