import { numpyTensor } from './numpy.ts';
import { PickledObject } from './pickle-objects.ts';
import { StoredTensor } from './stored-tensor.ts';

/** Python refuses to pickle what is nested deeper. */
const DEEPEST = 1000;
const MOST_TENSORS = 2 ** 16;
const MOST_CHARACTERS = 2 ** 25;

/**
 * The tensors that lie in dictionaries and lists, by their keys joined with dots: `{'params': {'intro.weight': w}}` gives
 * `params.intro.weight`. NumPy's arrays of numbers are tensors too. What lies in other objects is left out (see `moduleTensors`).
 *
 * Errors: containers that contain themselves, are nested more than 1000 deep, or refer to one another so often that their tensors
 * have more than 2^16 names.
 */
export function tensorsOf(root: unknown): Map<string, StoredTensor> {
  const holders = surveyed(root);
  const tensors = new Map<string, StoredTensor>();
  let characters = 0;

  function visit(node: unknown, name: string): void {
    const tensor = tensorAt(node);
    if (tensor) {
      characters += name.length;
      if (tensors.size >= MOST_TENSORS || characters > MOST_CHARACTERS)
        throw new Error('its containers refer to one another over and over: its tensors have too many names');
      tensors.set(name, tensor);
    } else if (holders.has(node)) {
      for (const [key, child] of itemsOf(node)!) visit(child, name ? `${name}.${keyText(key)}` : keyText(key));
    }
  }

  visit(root, '');
  return tensors;
}

/**
 * The tensors of a pickled `nn.Module` by the names that its `state_dict()` would give them (buffers that are not persistent as well);
 * undefined for any other value. Errors: as `tensorsOf`.
 */
export function moduleTensors(object: unknown): Map<string, StoredTensor> | undefined {
  return isModule(object) ? tensorsOf(moduleTree(object, new Map())) : undefined;
}

/** Whether a value is a pickled `nn.Module`. */
export function isModule(value: unknown): value is PickledObject & { readonly state: Map<unknown, unknown> } {
  const state = value instanceof PickledObject ? value.state : undefined;
  return state instanceof Map && state.get('_parameters') instanceof Map && state.get('_modules') instanceof Map;
}

/** A module's parameters, buffers and modules, which lie in its state, as dictionaries: one for each module, `done`. */
function moduleTree(
  object: unknown,
  done: Map<unknown, Map<unknown, unknown>>,
  depth = 0,
): Map<unknown, unknown> | undefined {
  if (!isModule(object)) return undefined;
  const known = done.get(object);
  if (known) return known;
  if (depth > DEEPEST) throw new Error(`its modules are nested more than ${DEEPEST} deep`);
  const tree = new Map<unknown, unknown>();
  done.set(object, tree);
  const [parameters, buffers, modules] = ['_parameters', '_buffers', '_modules'].map((name) => object.state.get(name));
  for (const tensors of [parameters, buffers]) {
    if (tensors instanceof Map) for (const [key, tensor] of tensors as Map<unknown, unknown>) tree.set(key, tensor);
  }
  for (const [key, child] of modules as Map<unknown, unknown>) tree.set(key, moduleTree(child, done, depth + 1));
  return tree;
}

function tensorAt(node: unknown): StoredTensor | undefined {
  if (node instanceof StoredTensor) return node;
  return node instanceof PickledObject ? numpyTensor(node) : undefined;
}

/** Keys and values of a dictionary, indices and items of a list; undefined for what is no container. */
function itemsOf(node: unknown): Iterable<[unknown, unknown]> | undefined {
  if (node instanceof Map || Array.isArray(node)) return node.entries() as Iterable<[unknown, unknown]>;
  return node instanceof PickledObject ? (node.entries ?? node.elements)?.entries() : undefined;
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? `(${key.constructor.name})` : String(key);
}

interface Visit {
  readonly node: unknown;
  readonly children: Iterator<[unknown, unknown]>;
  /** How deeply containers are nested in it. */
  height: number;
  holdsTensor: boolean;
}

/**
 * The containers that hold tensors, however deep. Each container is visited once, however often it is referred to, and without recursion.
 * Errors: one contains itself, or they are nested too deep.
 */
function surveyed(root: unknown): ReadonlySet<unknown> {
  const heights = new Map<unknown, number>();
  const holders = new Set<unknown>();
  const path: Visit[] = [];
  const onPath = new Set<unknown>();

  function enter(node: unknown): void {
    const items = itemsOf(node);
    if (!items) return;
    path.push({ node, children: items[Symbol.iterator](), height: 0, holdsTensor: false });
    onPath.add(node);
  }

  function note(holdsTensor: boolean, height: number): void {
    const parent = path.at(-1);
    if (!parent) return;
    parent.holdsTensor ||= holdsTensor;
    parent.height = Math.max(parent.height, height);
    if (path.length + parent.height > DEEPEST) throw new Error(`its containers are nested more than ${DEEPEST} deep`);
  }

  function leave({ node, height, holdsTensor }: Visit): void {
    path.pop();
    onPath.delete(node);
    heights.set(node, height + 1);
    if (holdsTensor) holders.add(node);
    note(holdsTensor, height + 1);
  }

  enter(root);
  for (let visit = path.at(-1); visit; visit = path.at(-1)) {
    const next = visit.children.next();
    if (next.done) leave(visit);
    else {
      const [, child] = next.value;
      if (typeof child !== 'object' || child === null) continue;
      if (onPath.has(child)) throw new Error('one of its containers contains itself');
      if (heights.has(child)) note(holders.has(child), heights.get(child)!);
      else if (tensorAt(child)) note(true, 0);
      else {
        note(false, 1);
        enter(child);
      }
    }
  }
  return holders;
}
