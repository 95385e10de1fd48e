import { isConverted, parameterCount } from '@dualprior/blocks';
import { showValue, type WeightsFile } from '@dualprior/core';
import { recogniseAll, type Recognised } from './recognise.ts';
import { leftOut } from './words.ts';

/** What a weights file is, for display and `--json`. */
export interface WeightsDescription {
  /** Type of the component. */
  readonly architecture: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** How many numbers have been learnt. */
  readonly parameters: number;
  /** What stands in front of the names of its tensors; null: nothing. */
  readonly wrapper: string | null;
  /** What an experiment writes as `part`, where the file holds several networks; else null. */
  readonly part: string | null;
  /** Element type of its numbers in the file, by PyTorch's name; of several all. */
  readonly dtype: string;
  /** What a user should know, a clause each. */
  readonly notes: readonly string[];
}

/** PyTorch's names of safetensors' element types. */
const DTYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E5M2: 'float8_e5m2',
  F8_E4M3: 'float8_e4m3fn',
};

/** The networks of a file, the one first that it is taken for. Errors: as `recogniseAll`. */
export function describeWeights(weights: WeightsFile): WeightsDescription[] {
  const all = recogniseAll(weights);
  return all.map((recognised) => describe(recognised, all));
}

function describe(recognised: Recognised, all: readonly Recognised[]): WeightsDescription {
  const { spec, part, network, untold, contents } = recognised;
  const { type, ...options } = spec;
  const others = all.filter((each) => each !== recognised);
  const layout = isConverted(part) ? [`it is in the layout of ${part.layout}`, ...part.remarks] : [];
  return {
    architecture: type,
    options,
    parameters: parameterCount(network),
    wrapper: part.name === '' ? null : part.name,
    part: others.length === 0 || part.name === '' ? null : part.name,
    dtype: dtypeOf(recognised),
    notes: [
      ...layout,
      ...untold.map((name) => assumed(name, options[name])),
      ...others.map((other) => `it also holds ${other.part.name || 'another network'}, ${other.spec.type}`),
      ...leftOut(contents.counters),
    ],
  };
}

function assumed(name: string, value: unknown): string {
  const what = value === undefined ? `${name} is absent` : `${name} is ${showValue(value, Infinity)}`;
  return `${what}, the official default: neither names nor shapes tell it`;
}

/** The element type of its tensors; counters of batches are integers, whatever the type of the network. */
function dtypeOf({ part, contents }: Recognised): string {
  const inPart = (name: string) => part.name === '' || name.startsWith(`${part.name}.`);
  const own = [...contents.dtypes].filter(([name]) => inPart(name) && contents.tensors.has(name));
  const all = [...new Set(own.map(([, dtype]) => DTYPES[dtype] ?? dtype))];
  const floats = all.filter((dtype) => Object.values(DTYPES).includes(dtype));
  return (floats.length > 0 ? floats : all).join(', ');
}
