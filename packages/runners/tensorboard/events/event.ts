import { toRecord } from './record.ts';
import { bytes, double, float, integer, message, text } from './wire.ts';

/**
 * The events of TensorBoard's event files, each a whole record, as `tensorboard/compat/proto/{event,summary,tensor}.proto` and
 * `tensorboard/plugins/hparams/{api,plugin_data}.proto` define them. Times are in ms since 1970.
 */

/** When something happened, by the clock and in the training. */
export interface Moment {
  readonly time: number;
  readonly step: number;
}

export type Hyperparameter = number | boolean | string;

const DT_STRING = 7;
const SESSION_START = 1;
const RGBA = 4;
const SUCCESS = 1;

/** What every event file begins with. */
export function fileVersion(time: number): Buffer {
  return event({ time, step: 0 }, text(3, 'brain.Event:2'));
}

/** Tells a TensorBoard that is open to forget what it has seen of this run before. */
export function sessionStart(time: number): Buffer {
  return event({ time, step: 0 }, message(7, integer(1, SESSION_START)));
}

/** A point of a curve, in single precision. */
export function scalar(moment: Moment, tag: string, value: number): Buffer {
  return summary(moment, tag, float(2, value));
}

export function image(
  moment: Moment,
  tag: string,
  { png, width, height }: { png: Uint8Array; width: number; height: number },
): Buffer {
  return summary(moment, tag, message(4, integer(1, height), integer(2, width), integer(3, RGBA), bytes(4, png)));
}

/** Text in Markdown. */
export function markdown(moment: Moment, tag: string, value: string): Buffer {
  const tensor = message(8, integer(1, DT_STRING), message(2), text(8, value));
  return summary(moment, tag, plugin('text'), tensor);
}

/** What TensorBoard's page "HParams" compares runs by. */
export function hyperparameters(time: number, values: Readonly<Record<string, Hyperparameter>>): Buffer {
  const entries = Object.entries(values).map(([name, value]) =>
    message(1, text(1, name), message(2, structValue(value))),
  );
  const start = message(3, ...entries, double(5, time / 1000));
  return summary({ time, step: 0 }, '_hparams_/session_start_info', plugin('hparams', start));
}

/** The run of these hyperparameters has ended well. */
export function finished(time: number): Buffer {
  const end = message(4, integer(1, SUCCESS), double(2, time / 1000));
  return summary({ time, step: 0 }, '_hparams_/session_end_info', plugin('hparams', end));
}

function event({ time, step }: Moment, content: Uint8Array): Buffer {
  return toRecord(Buffer.concat([double(1, time / 1000), integer(2, step), content]));
}

function summary(moment: Moment, tag: string, ...value: readonly Uint8Array[]): Buffer {
  return event(moment, message(5, message(1, text(1, tag), ...value)));
}

function plugin(name: string, content: Uint8Array = Buffer.alloc(0)): Buffer {
  return message(9, message(1, text(1, name), bytes(2, content)));
}

/** `google.protobuf.Value` */
function structValue(value: Hyperparameter): Buffer {
  if (typeof value === 'number') return double(2, value);
  return typeof value === 'string' ? text(3, value) : integer(4, Number(value));
}
