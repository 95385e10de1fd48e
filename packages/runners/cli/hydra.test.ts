import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { fromHydra } from './hydra.ts';

const FILE = 'experiments/a.yaml';
const program = new Command()
  .option('--set <key=value>')
  .option('--sweep <path=values>')
  .option('--only <name>')
  .option('--run-dir <dir>')
  .option('--plan')
  .option('--json');
const typed = (line: string) =>
  fromHydra(program, line.split(' '), (path) => path === FILE || path === 'odd=name.yaml');

test.each([
  [`${FILE} --multirun networks.net.width=16,32`, `${FILE} --sweep networks.net.width=16,32`],
  [`${FILE} -m a.b=1,2 c=3`, `${FILE} --sweep a.b=1,2 --set c=3`],
  [`a.b=1,2 ${FILE}`, `--sweep a.b=1,2 ${FILE}`],
  [`${FILE} a.b=1`, `${FILE} --set a.b=1`],
  [`${FILE} +a.b=1`, `${FILE} --set a.b=1`],
  [`${FILE} ++a.b=1`, `${FILE} --set a.b=1`],
  [`${FILE} ~a.b`, `${FILE} --set a.b=`],
  [`${FILE} a=[1,2]`, `${FILE} --set 'a=[1,2]'`],
  [`${FILE} a=[1,2],[3]`, `${FILE} --sweep 'a=[[1,2],[3]]'`],
  [`${FILE} -m seed=0,1,2`, `${FILE} --set 'seeds=[0,1,2]'`],
  [`${FILE} -m a=choice(l1,psnr)`, `${FILE} --sweep a=l1,psnr`],
  [`${FILE} -m a=range(1,4)`, `${FILE} --sweep a=1,2,3`],
  [`${FILE} -m`, `${FILE} --sweep PATH=V1,V2`],
  [`-m a=1,2`, `FILE --sweep a=1,2`],
  [`${FILE} --set x=1 -m a=1,2 --json`, `${FILE} --set x=1 --sweep a=1,2 --json`],
  [`${FILE} --cfg job`, `${FILE} --validate`],
  [`${FILE} a=1 -c all`, `${FILE} --set a=1 --validate`],
  ['--cfg', 'FILE --validate'],
])('%s', (line, command) => {
  expect(typed(line)!.split('\n')[1]!.trim()).toMatch(/^(yarn|npm run -s) experiment /);
  expect(
    typed(line)!
      .split('\n')[1]!
      .replace(/^ *(yarn experiment|npm run -s experiment --) /, ''),
  ).toBe(command);
});

test('--cfg: where the whole configuration is', () => {
  expect(typed(`${FILE} --cfg job`)).toMatch(/^--cfg is Hydra's\. .* to experiment\.yaml in its run directory/);
});

test.each([FILE, `${FILE} --sweep a=1,2 --set b=3 --plan`, 'odd=name.yaml', `${FILE} --run-dir a=b --only x=1`])(
  '%s is not of Hydra',
  (line) => {
    expect(typed(line)).toBeUndefined();
  },
);
