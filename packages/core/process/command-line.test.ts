import { expect, test } from '@jest/globals';
import { quoted, spelled } from './command-line.ts';

const npm = { npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64' };
const yarn = { npm_config_user_agent: 'yarn/4.18.1 npm/? node/v20.20.2 linux x64' };

test.each([
  ['mlflow', npm, 'npm run -s mlflow'],
  ['mlflow push runs/a', npm, 'npm run -s mlflow -- push runs/a'],
  ['mlflow push runs/a', yarn, 'yarn mlflow push runs/a'],
  ['mlflow push runs/a', {}, 'yarn mlflow push runs/a'],
])('%s', (command, env, text) => {
  expect(spelled(command, env)).toBe(text);
});

test('words are quoted for a shell where they need it', () => {
  expect(['a/b.yaml', 'x=[1, 2]', "it's", ''].map(quoted)).toEqual(['a/b.yaml', "'x=[1, 2]'", "'it'\\''s'", "''"]);
});
