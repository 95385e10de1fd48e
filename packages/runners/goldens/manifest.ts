import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { readFileSync } from 'node:fs';
import { UserError } from '@dualprior/core';

const Shape = Type.Array(Type.Integer({ minimum: 0 }));

const Tensor = Type.Object({
  role: Type.Union([Type.Literal('input'), Type.Literal('param'), Type.Literal('output')]),
  shape: Shape,
  dtype: Type.String(),
  atol: Type.Optional(Type.Number({ minimum: 0 })),
  key: Type.Optional(Type.String()),
  map: Type.Optional(Type.Union([Type.Literal('v'), Type.Literal('(v+1)/2')])),
});

const Weight = Type.Object({
  shape: Shape,
  kind: Type.Union([Type.Literal('affine'), Type.Literal('abs'), Type.Literal('const'), Type.Literal('keep')]),
  a: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  b: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  values: Type.Optional(Type.Unknown()),
});

const ManifestSchema = Type.Object({
  name: Type.String(),
  key_prefix: Type.String(),
  config: Type.Record(Type.String(), Type.Unknown()),
  tensors: Type.Record(Type.String(), Tensor),
  weights: Type.Record(Type.String(), Weight),
});

/** How a weight follows from its name. */
export type WeightRule = Static<typeof Weight>;

/** What `NAME.json` says about a golden case (GOLDENS.md). */
export type Manifest = Static<typeof ManifestSchema>;

/** Errors: `UserError` naming the file and the first thing that is wrong in it. */
export function readManifest(file: string): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  const problem = Value.Errors(ManifestSchema, content).First();
  if (problem) throw new UserError(`${file} is no golden manifest: ${problem.path || '/'}: ${problem.message}`);
  return content as Manifest;
}
