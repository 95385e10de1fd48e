/** Where in a user's code something was called. */
interface CallSite {
  /** The call of TensorFlow.js that stands there, such as `matMul`. */
  readonly call: string | undefined;
  /** For display: `at Block.forward (/home/ada/block.ts:12:7)`. */
  readonly line: string | undefined;
}

/** A line of a stack: `at NAME (PLACE)` or `at PLACE`. */
interface Frame {
  readonly name: string;
  readonly place: string;
}

const TENSORFLOW = /tfjs-(core|node)|@tensorflow/;

/** Matches those of our own files that lie between a user's code and TensorFlow.js. */
const ENGINE =
  /\/core\/(engine\/(?!.*\.test\.)|nn\/((calls|freeing-kept|gradients-of|parameters|repeated|statistics)|ops\/(hand-written|tape|tensor-list))\.ts)/;

const OTHERS = /node_modules|node:|^(<anonymous>|native)$/;

/** The innermost line of a user's code in a stack as Node, tsx or Jest writes it, and what it calls. */
export function callSite(stack: string): CallSite {
  const frames = stack.split('\n').flatMap(frameOf);
  const own = frames.findIndex(({ place }) => ![TENSORFLOW, ENGINE, OTHERS].some((pattern) => pattern.test(place)));
  const call = frames.slice(0, Math.max(own, 0)).findLast(({ place }) => TENSORFLOW.test(place));
  const frame = frames[own];
  return { call: call && operation(call.name), line: frame && describe(frame) };
}

function frameOf(line: string): Frame[] {
  const [, named, place, bare] = /^\s+at (?:(.+) \((.+)\)|(.+))$/.exec(line) ?? [];
  const found = place ?? bare;
  if (found === undefined) return [];
  return [{ name: named === undefined || named === '<anonymous>' ? '' : named, place: found }];
}

/** `Module.matMul__op`, `matMul_`, `Tensor.Tensor.dataSync`: the name that a user writes. Undefined for the machinery of TensorFlow.js. */
function operation(name: string): string | undefined {
  if (/\bEngine\./.test(name)) return undefined;
  return /(\w+?)(?:_|__op)?(?: \[as \w+\])?$/.exec(name)?.[1];
}

function describe({ name, place }: Frame): string {
  return name === '' ? `at ${place}` : `at ${name} (${place})`;
}
