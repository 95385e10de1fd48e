import { PickledObject } from './pickle-objects.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { isModule, moduleTensors } from './tree.ts';

const MOST_MODULES = 2 ** 16;

/** A module that NVlabs' persistence has pickled (stylegan2-ada-pytorch:torch_utils/persistence.py). */
interface PersistentModule {
  /** By the names that its `state_dict()` would give them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Numbers, texts, booleans and None (null) that it and the modules in it hold, by their paths: `synthesis.b4.conv1.conv_clamp`. */
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** Undefined for any other value. Errors: as `tensorsOf`; modules that contain one another so often that there are more than 2^16. */
export function persistentModule(value: unknown): PersistentModule | undefined {
  if (!isPersistent(value)) return undefined;
  const tensors = moduleTensors(value); // which finds modules that contain themselves
  return tensors && { tensors, attributes: attributesOf(value) };
}

/** Persistence gives a description, of class name, source text and state. */
function isPersistent(value: unknown): boolean {
  const [description] = value instanceof PickledObject ? value.args : [];
  return description instanceof Map && description.get('type') === 'class' && description.has('module_src');
}

function attributesOf(root: unknown): Map<string, unknown> {
  const attributes = new Map<string, unknown>();
  let modules = 0;

  function visit(object: unknown, prefix: string): void {
    if (!isModule(object)) return;
    if (++modules > MOST_MODULES) throw new Error('its modules contain one another over and over');
    for (const [key, value] of object.state) {
      if (typeof key === 'string' && !key.startsWith('_') && isPlain(value)) attributes.set(prefix + key, value);
    }
    for (const [key, child] of object.state.get('_modules') as Map<unknown, unknown>)
      visit(child, `${prefix}${String(key)}.`);
  }

  visit(root, '');
  return attributes;
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
