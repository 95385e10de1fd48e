import { describe, expect, test } from '@jest/globals';
import { loadExperiment } from '../config/load.ts';
import { ConfigError } from '../config/findings.ts';
import { VALID } from '../config/testing/fake-components.ts';
import { folderWith } from '../config/testing/files.ts';
import { splitAddress } from './credentials.ts';
import { hideCredentials } from '../errors/hide-credentials.ts';

describe('splitAddress', () => {
  test.each([
    ['https://host:5000/mlflow', 'https://host:5000/mlflow', undefined],
    ['https://ann:s3cret@host/x', 'https://host/x', { username: 'ann', password: 's3cret' }],
    ['HTTP://ann@host', 'HTTP://host', { username: 'ann', password: '' }],
    ['http://:pw@host', 'http://host', { username: '', password: 'pw' }],
    ['http://a%40b:p%25%2F%3a:@host', 'http://host', { username: 'a@b', password: 'p%/::' }],
    ['http://ann:p@ss@host', 'http://host', { username: 'ann', password: 'p@ss' }],
    ['ann:s3cret@host', 'host', { username: 'ann', password: 's3cret' }],
    ['http://@host', 'http://host', undefined],
  ])('%s', (text, address, login) => {
    expect(splitAddress(text)).toEqual(login ? { address, login } : { address });
  });

  test.each([
    ['http://ann:s3%cret@host', /"%" that is not percent-encoded; write it as %25/],
    ['http://ann:s3%ffcret@host', /"%" that is not percent-encoded/],
    ['http://ann:12/s3cret@host', /"\/" is written %2F/],
    ['http://ann:s3#cret@host', /"#" is written %23/],
    ['http://ann:s3 cret@host', /a space %20/],
  ])('%s is an error that shows nothing of it', (text, message) => {
    expect(() => splitAddress(text)).toThrow(message);
    expect(() => splitAddress(text)).not.toThrow(/s3|cret|ann/);
  });
});

test.each([
  ['uri: http://ann:pw@host/x # a', 'uri: http://******@host/x # a'],
  ['{uri: "https://ann:p w/@y@host"}', '{uri: "https://**********@host"}'],
  ['uri: ann:pw@host', 'uri: ******@host'],
  ['tracking.uri=ann:pw@host', 'tracking.uri=******@host'],
  ['http://host:5000 has no credentials', 'http://host:5000 has no credentials'],
  ['stages/restore@3b4f at 12:30', 'stages/restore@3b4f at 12:30'],
])('hideCredentials: %s', (text, hidden) => {
  expect(hideCredentials(text)).toBe(hidden);
});

describe('the address of a server in an experiment', () => {
  const SECRET = /s3cret|s3%|cret/;
  const above = (text: string) => folderWith({ 'a.yaml': `extends: base.yaml\n${text}\n`, 'base.yaml': VALID });

  test.each([
    ['in the file', 'tracking: {type: mlflow, uri: "http://ann:s3cret@host/x"}', {}],
    ['in a variable', 'tracking: {type: mlflow, uri: "${env:URI}"}', { URI: 'http://ann:s3cret@host/x' }],
    ['in two variables', 'tracking: {type: mlflow, uri: "http://${env:A}:${env:B}@host/x"}', { A: 'ann', B: 's3cret' }],
    ['as a default', 'tracking: {type: mlflow, uri: "${env:URI:-http://ann:s3cret@host/x}"}', {}],
  ])('%s: its credentials are kept apart', (_, text, env) => {
    const cwd = above(text);
    const experiment = loadExperiment('a.yaml', { cwd, env });
    expect(experiment.config.tracking).toEqual({ type: 'mlflow', uri: 'http://host/x', experiment: 'all' });
    expect(experiment.credentials.of('http://host/x')).toEqual({ username: 'ann', password: 's3cret' });
    expect(experiment.toYaml()).not.toMatch(SECRET);
    expect(JSON.stringify(experiment)).not.toMatch(SECRET);
    expect(experiment.hash).toBe(loadExperiment('a.yaml', { cwd, env, set: ['tracking=null'] }).hash);
  });

  test.each([
    ['a "%"', ['tracking: {type: mlflow, uri: "http://ann:s3%cret@host"}'], /write it as %25/],
    ['a "%" in a variable', ['tracking: {type: mlflow, uri: "${env:URI}"}'], /write it as %25/],
    ['a "/"', ['tracking: {type: mlflow, uri: "http://ann:s3/cret@host"}'], /"\/" is written %2F/],
    ['no scheme', ['tracking: {type: mlflow, uri: "ann:s3cret@host"}'], /found: "host"/],
    ['no scheme, and a space', ['tracking: {type: mlflow, uri: "ann:s3 cret@host", x: 1}'], /has no option "x"/],
    ['a list', ['tracking: {type: mlflow, uri: ["http://ann:s3cret@host"]}'], /wrong type/],
    ['no tracker', ['tracking: "http://ann:s3cret@host"'], /tracking has the wrong type/],
    ['another key', ['trackin: {uri: "http://ann:s3cret@host"}'], /no key "trackin"/],
    ['another option', ['tracking: {type: mlflow, url: "http://ann:s3cret@host"}'], /has no option "url"/],
    ['an error beside it', ['tracking: {type: mlflo, uri: "http://ann:s3cret@host"}'], /no tracker of this type/],
    ['no YAML', ['tracking: {type: mlflow, uri: "http://ann:s3cret@host}'], /not valid YAML/],
    [
      'a variable that is not set',
      ['tracking: {type: mlflow, uri: "http://ann:s3cret${env:NO}@host"}'],
      /NO is not set/,
    ],
    ['a map as the key', ['tracking: {{uri: "http://ann:s3cret@host"}: 1}'], /plain text/],
    ['--set', ['', 'tracking.type=mlflow', 'tracking.uri=http://ann:s3%cret@host'], /write it as %25/],
    ['--set without "="', ['', 'tracking.uri:http://ann:s3cret@host'], /not of the form/],
  ])('%s: the error shows no credentials', (_, [text = '', ...set], message) => {
    const env = { URI: 'http://ann:s3%cret@host' };
    let error: unknown;
    try {
      loadExperiment('a.yaml', { cwd: above(text), set, env });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    const { message: shown, problems } = error as ConfigError;
    expect(shown).toMatch(message);
    expect(shown).not.toMatch(SECRET);
    expect(JSON.stringify(problems)).not.toMatch(SECRET);
  });
});
