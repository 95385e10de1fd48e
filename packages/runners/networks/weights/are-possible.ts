import { catalogue } from '@dualprior/core';
import { Value } from '@sinclair/typebox/value';

/** Whether a network can have these options at all, before one is made: a file may be made to make it endless. */
export function arePossible(type: string, options: Readonly<Record<string, unknown>>): boolean {
  const { properties } = catalogue.find('network', type)!.declaration.options;
  return Object.entries(options).every(([name, value]) => {
    const schema = properties[name];
    return schema !== undefined && Value.Check(schema, value);
  });
}
