import { catalogue, spelled, showValue, type ComponentDescription, type OptionDescription } from '@dualprior/core';
import { colorsOf } from './colors.ts';

const pc = colorsOf(process.stdout);

/** Every kind with its types, a line each. */
export function catalogueText(kinds: readonly string[], components: readonly ComponentDescription[]): string {
  const width = Math.max(0, ...components.map(({ type }) => type.length));
  const blocks = kinds.map((kind) => {
    const own = components.filter((component) => component.kind === kind);
    const lines = own.map(({ type, description }) => `  ${type.padEnd(width)}  ${description}`);
    return [pc.bold(headingOf(kind)), ...(lines.length > 0 ? lines : ['  (none in this version)'])].join('\n');
  });
  return [...blocks, `With their options: ${spelled('components KIND')}, or a TYPE`].join('\n\n');
}

/** What users call a component of the kind, with the kind's key where that is another word. */
function headingOf(kind: string): string {
  const called = catalogue.called(kind);
  return called === kind ? kind : `${kind}: ${called}`;
}

/** Components with all their options. @param mixed whether to show their kinds; by default only where they differ */
export function componentsText(
  name: string,
  components: readonly ComponentDescription[],
  mixed = new Set(components.map(({ kind }) => kind)).size > 1,
): string {
  if (components.length === 0) return `There is no ${name} in this version.`;
  return components.map((component) => componentText(component, mixed)).join('\n\n');
}

function componentText({ kind, type, description, options }: ComponentDescription, withKind: boolean): string {
  const width = Math.max(0, ...options.map(({ name }) => name.length));
  const lines = options.flatMap((option) => optionLines(option, width));
  const heading = `${pc.bold(type)}${withKind ? ` (${catalogue.called(kind)})` : ''}  ${description}`;
  return [heading, ...(lines.length > 0 ? lines : [`  this ${catalogue.called(kind)} has no options`])].join('\n');
}

function optionLines(option: OptionDescription, width: number): string[] {
  const { name, type, description } = option;
  return [
    `  ${name.padEnd(width)}  ${description ?? type}`,
    ...(description === null ? [] : [`  ${' '.repeat(width)}  ${pc.dim(`${type}${need(option)}`)}`]),
  ];
}

function need(option: OptionDescription): string {
  if (option.required) return '; required';
  return 'default' in option ? `; default ${showValue(option.default)}` : '; optional';
}
