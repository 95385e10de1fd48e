import { describe, expect, test } from '@jest/globals';
import { Type, type Static } from '@sinclair/typebox';
import type { InjectionToken } from 'tsyringe';
import { loadExperiment } from '../config/load.ts';
import { ConfigError } from '../config/findings.ts';
import { Fake, VALID } from '../config/testing/fake-components.ts';
import { folderWith } from '../config/testing/files.ts';
import { UserError } from '../errors/user-error.ts';
import { Container, type ContainerOptions } from './container.ts';
import { Kind, reference } from '../component/kind.ts';

class Clock {
  constructor(readonly now: number) {}
}
const GREETING = Symbol('greeting') as InjectionToken<string>;

const metrics = new Kind<Timed>('metric');
const TimedOptions = Type.Object({
  on: Type.Array(reference<Fake>('data')),
  best: Type.Union([reference<Fake>('data'), Type.Integer()], { default: 3 }),
});

@metrics.component({ type: 'timed', description: 'wants services', options: TimedOptions, inject: [Clock, GREETING] })
class Timed {
  constructor(
    readonly options: Static<typeof TimedOptions>,
    readonly clock: Clock,
    readonly greeting: string,
  ) {}
}

function container(options: ContainerOptions = {}, text = VALID): Container {
  const experiment = loadExperiment('a.yaml', { cwd: folderWith({ 'a.yaml': text }), env: {} });
  return new Container(experiment, options);
}

const services: ContainerOptions['services'] = [
  [Clock, new Clock(7)],
  [GREETING, 'hello'],
];
const timed = VALID.replace('psnr: {type: psnr}', 'time: {type: timed, on: [train, test], best: test}');

describe('Container', () => {
  test('an entry has one instance, also where others refer to it', () => {
    const made = container();
    const train = made.get<Fake>('data', 'train');
    expect(made.get('data', 'train')).toBe(train);
    expect(made.get<Fake>('data', 'validation').options.of).toBe(train);
    expect(train.options.degradation).toBe(made.get('degradations', 'blur'));
  });

  test('options that are components hold instances, made with their defaults', () => {
    const { options } = container().get<Fake>('degradations', 'blur');
    expect(options.kernels).toBeInstanceOf(Fake);
    expect(options.kernels.options).toEqual({ count: 1000 });
  });

  test('references in lists and unions', () => {
    const made = container({ services }, timed);
    const { options } = made.get<Timed>('metrics', 'time');
    expect(options.on).toEqual([made.get('data', 'train'), made.get('data', 'test')]);
    expect(options.best).toBe(made.get('data', 'test'));
  });

  test('services come after the options, in the order of their tokens', () => {
    const { clock, greeting } = container({ services }, timed).get<Timed>('metrics', 'time');
    expect(clock.now).toBe(7);
    expect(greeting).toBe('hello');
  });

  test('a service that is not there is an error of the program', () => {
    expect(() => container({}, timed).get('metrics', 'time')).toThrow('The metric "timed" requires the service Clock');
  });

  test('create makes a new instance each time', () => {
    const made = container();
    const spec = made.experiment.entry('networks', 'hinet');
    expect(made.create('network', spec)).not.toBe(made.create('network', spec));
    expect(made.create<Fake>('network', spec).options).toEqual({ depth: 2 });
  });

  test('a section can be resolved by others, once for each reference', () => {
    const asked: string[] = [];
    const made = container({ resolve: { networks: (text) => asked.push(text) } });
    expect(made.get<Fake>('stages', 'second').options.network).toBe(1);
    expect(made.get<Fake>('methods', 'NAFNet').options.network).toBe(2);
    expect(asked).toEqual(['first.nafnet', 'second.nafnet']);
  });

  test('two containers share nothing', () => {
    const [a, b] = [
      container({ services }, timed),
      container(
        {
          services: [
            [Clock, new Clock(8)],
            [GREETING, ''],
          ],
        },
        timed,
      ),
    ];
    expect(a.get('data', 'train')).not.toBe(b.get('data', 'train'));
    expect(a.get<Timed>('metrics', 'time').clock.now).toBe(7);
    expect(b.get<Timed>('metrics', 'time').clock.now).toBe(8);
  });

  test('an entry that does not exist is an error of the program', () => {
    expect(() => container().get('data', 'nothing')).toThrow('no "nothing" in data');
    expect(() => container().get('data', 'toString')).toThrow('no "toString" in data');
  });
});

describe('what a constructor finds wrong', () => {
  const odd = VALID.replace('hinet: {type: hinet, depth: 2}', 'a: {type: odd, width: 3}\n  b: {type: odd, width: 5}');

  test('is shown where the component was written', () => {
    const act = () => container({}, odd).get('networks', 'a');
    expect(act).toThrow(UserError);
    expect(act).toThrow(/^a\.yaml:11:13: network odd: width is 3, but must be even\.\n/);
  });

  test('verify shows all of it', () => {
    const act = () => container({}, odd).verify(['networks', 'degradations']);
    expect(act).toThrow(ConfigError);
    expect(act).toThrow(/width is 3[^]*width is 5[^]*2 problems/);
    expect(() => container().verify(['networks', 'data', 'degradations'])).not.toThrow();
  });
});
