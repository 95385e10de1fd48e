import { describe, expect, test } from '@jest/globals';
import { persistentModule } from './persistent-module.ts';
import { PickledObject } from './pickle-objects.ts';
import { StoredTensor } from './stored-tensor.ts';

const tensor = (value: number) => new StoredTensor('F32', [1], () => Float32Array.of(value));

/** A module as the reader gives one that NVlabs' persistence has pickled. */
function persisted(state: Record<string, unknown>, modules: Record<string, unknown> = {}): PickledObject {
  const own = new Map(
    Object.entries({
      _parameters: new Map(),
      _buffers: new Map(),
      training: false,
      _init_kwargs: new Map([['z_dim', 5]]),
      ...state,
      _modules: new Map(Object.entries(modules)),
    }),
  );
  const description = new Map(
    Object.entries({ type: 'class', version: 6, module_src: '', class_name: 'Layer', state: own }),
  );
  return Object.assign(new PickledObject('Layer', [description]), { state: own });
}

describe('a module that persistence has pickled', () => {
  test('gives its tensors by the names of a state dict, and what it says beside', () => {
    const inner = persisted({
      _parameters: new Map<string, unknown>([
        ['weight', tensor(1)],
        ['bias', null],
      ]),
      _buffers: new Map([['noise', tensor(2)]]),
      conv_clamp: 256,
      activation: 'lrelu',
      mbstd: null,
      resolutions: [4, 8],
    });
    const { tensors, attributes } = persistentModule(persisted({ z_dim: 8 }, { b4: inner, none: null }))!;
    expect([...tensors].map(([name, { values }]) => [name, ...values])).toEqual([
      ['b4.weight', 1],
      ['b4.noise', 2],
    ]);
    expect(Object.fromEntries(attributes)).toEqual({
      training: false,
      z_dim: 8,
      'b4.training': false,
      'b4.conv_clamp': 256,
      'b4.activation': 'lrelu',
      'b4.mbstd': null,
    });
  });

  test('is no other module or value', () => {
    const plain = Object.assign(new PickledObject('Net'), {
      state: (persisted({}).args[0] as Map<string, unknown>).get('state'),
    });
    for (const value of [plain, new Map(), null, new PickledObject('Layer', [new Map([['type', 'class']])])]) {
      expect(persistentModule(value)).toBeUndefined();
    }
  });

  test('must not contain itself, nor one another over and over', () => {
    const cycle = persisted({});
    (cycle.state as Map<string, Map<string, unknown>>).get('_modules')!.set('a', cycle);
    expect(() => persistentModule(cycle)).toThrow(/contains itself/);
    let twice = persisted({ x: 1 });
    for (let depth = 0; depth < 40; depth++) twice = persisted({ x: 1 }, { a: twice, b: twice });
    expect(() => persistentModule(twice)).toThrow(/contain one another over and over/);
  });
});
