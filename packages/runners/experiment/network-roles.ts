import { catalogue, REFERENCE, type ComponentSpec } from '@dualprior/core';

/** The networks of a stage or method by role: the options that refer to a network, with the reference they hold. */
export function networkRoles(kind: 'stage' | 'method', spec: ComponentSpec): Map<string, string> {
  const properties = catalogue.find(kind, spec.type)?.declaration.options.properties ?? {};
  const roles = Object.keys(properties).filter((role) => properties[role]![REFERENCE] === 'networks');
  return new Map(roles.filter((role) => spec[role] !== undefined).map((role) => [role, String(spec[role])]));
}

/** Splits `STAGE.NAME` and `NAME`. */
export function parseReference(reference: string): { stage: string | undefined; network: string } {
  const dot = reference.lastIndexOf('.');
  return dot < 0
    ? { stage: undefined, network: reference }
    : { stage: reference.slice(0, dot), network: reference.slice(dot + 1) };
}
