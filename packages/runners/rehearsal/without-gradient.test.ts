import { expect, test } from '@jest/globals';
import { byModule } from './without-gradient.ts';

test('names of parameters stand together where they are all there are of a module', () => {
  const all = ['style.1.weight', 'style.1.bias', 'convs.0.weight', 'convs.0.bias', 'convs.1.weight', 'input'];
  const missing = ['style.1.weight', 'style.1.bias', 'convs.0.weight', 'convs.0.bias', 'input'];
  expect(byModule(missing, all)).toEqual(['style.*', 'convs.0.*', 'input']);
});
