import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { cacheFolder } from '@dualprior/core';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import axios from 'axios';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findBrowser } from '../../../tools/setup/browser.mjs';
import { gpuValues, systemValues } from '../experiment/system-metrics.ts';
import { pushRun } from '../mlflow/push.ts';
import type { RunDescription } from '../mlflow/server-run.ts';
import { RealMlflow, tagsOf } from '../mlflow/testing/real-mlflow.ts';

/** A sweep that ran without a server, delivered to a real one, and looked for in MLflow's pages as a user does. */

jest.setTimeout(600_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const NAME = 'widths';
const VARIANTS = ['base · seed 0', 'base · seed 1', 'narrow · seed 0', 'narrow · seed 1'];
const STAGES = ['hinet', 'nafnet · narrow · seed 0', 'nafnet · narrow · seed 1', 'nafnet · seed 0', 'nafnet · seed 1'];
/** Nobody answers there. */
const NOBODY = 'http://127.0.0.1:9';

interface Run extends RunDescription {
  readonly info: RunDescription['info'] & { readonly run_name: string };
  readonly inputs?: {
    readonly dataset_inputs?: readonly {
      readonly dataset: { readonly name: string; readonly digest: string };
      readonly tags: readonly { readonly key: string; readonly value: string }[];
    }[];
  };
}

let folder: string;
let mlflow: RealMlflow;
let experiment: string;

const program = findBrowser(cacheFolder());
if (!program) process.stderr.write("MLflow's pages are not looked at: no browser (npm run setup -- --browser)\n");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlflow-sweep-'));
  mlflow = new RealMlflow(join(folder, 'server'));
  await Promise.all([mlflow.start(), sweep()]);
  // A run that comes before its sweep is made its child when that comes.
  const base = directories().find((name) => basename(name).startsWith(`${NAME}-seed-0`))!;
  for (const directory of [base, sweepDirectory(), ...directories()]) await push(directory);
  experiment = await mlflow.experimentId(NAME);
});

afterAll(async () => {
  await mlflow.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function sweep(): Promise<void> {
  const file = join(folder, 'experiment.yaml');
  const seeds = 'seeds: { values: [0, 1], shared: [hinet] }';
  const variants = 'sweep: { variants: { narrow: { networks.nafnet.width: 4 } } }';
  const tracking = `tracking: { type: mlflow, uri: '${NOBODY}' }`;
  const smoke = join(ROOT, 'experiments', 'smoke.yaml');
  writeFileSync(
    file,
    [`extends: ${smoke}`, `name: ${NAME}`, seeds, variants, tracking, `store: ${join(folder, 'store')}`].join('\n'),
  );
  const parameters = ['experiment', file, '--run-dir', join(folder, 'runs'), '--json'];
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(said);
}

const push = (directory: string) => pushRun(directory, { uri: mlflow.uri, log: () => {} });
const directories = () =>
  readdirSync(join(folder, 'runs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, 'runs', name));
const sweepDirectory = () => directories().find((name) => basename(name).startsWith(`${NAME}-sweep`))!;

async function allRuns(): Promise<Run[]> {
  const asked = { experiment_ids: [experiment], max_results: 1000 };
  return (await axios.post<{ runs: Run[] }>(`${mlflow.uri}/api/2.0/mlflow/runs/search`, asked)).data.runs;
}

const allModels = () => mlflow.models(NAME);

/** Where MLflow's Python client, of the server's own version, samples what the machine is busy with. */
function clientFolder(): string {
  const all = join(cacheFolder(), 'mlflow');
  const installed = readdirSync(all).find((name) => name.startsWith(mlflow.server.version))!;
  const [python] = readdirSync(join(all, installed, 'lib')).filter((name) => name.startsWith('python'));
  return join(all, installed, 'lib', python!, 'site-packages', 'mlflow', 'system_metrics', 'metrics');
}

const nameOf = ({ info }: Run) => info.run_name;
const named = (runs: readonly Run[], name: string) => runs.find((run) => nameOf(run) === name)!;
const childrenOf = (runs: readonly Run[], parent: Run) =>
  runs
    .filter((run) => tagsOf(run)['mlflow.parentRunId'] === parent.info.run_id)
    .sort((a, b) => compare(nameOf(a), nameOf(b)));
const compare = (a: string, b: string) => (a < b ? -1 : 1);

describe('the server', () => {
  test('has one parent, below it each variant and each stage once, and methods below their variant', async () => {
    const runs = await allRuns();
    const parent = named(runs, NAME);
    expect(childrenOf(runs, parent).map(nameOf)).toEqual([...VARIANTS, ...STAGES].sort(compare));
    for (const variant of VARIANTS) {
      expect(childrenOf(runs, named(runs, variant)).map(nameOf)).toEqual(['HINet', 'NAFNet', 'input']);
    }
    expect(runs).toHaveLength(1 + VARIANTS.length * 4 + STAGES.length);
    expect(new Set(runs.map(({ info }) => info.status))).toEqual(new Set(['FINISHED']));
    expect(tagsOf(parent)['mlflow.note.content']).toMatch(/\| narrow|width=4/);
    const tags = tagsOf(named(runs, 'narrow · seed 1'));
    expect(tags).toMatchObject({ seed: '1', variant: 'narrow · seed 1', 'changed.networks.nafnet.width': '4' });
  });

  test('knows the data sets of a run, with one fingerprint whatever the seed', async () => {
    const runs = await allRuns();
    const inputs = (name: string) =>
      (named(runs, name).inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => [
        tags.find(({ key }) => key === 'mlflow.data.context')!.value,
        dataset.digest,
      ]);
    expect(inputs('base · seed 0').map(([role]) => role)).toEqual(['train', 'validation', 'test']);
    expect(inputs('narrow · seed 1')).toEqual(inputs('base · seed 0'));
    expect(inputs('hinet')).toEqual(inputs('base · seed 0').slice(0, 2));
  });

  test('has a model for each stage that says where its file is, with what was measured of it', async () => {
    const [runs, models] = [await allRuns(), await allModels()];
    expect(models.map(({ info }) => info.name).sort(compare)).toEqual(STAGES);
    for (const { info } of models) {
      expect(info.status).toBe('LOGGED_MODEL_READY');
      expect(info.source_run_id).toBe(named(runs, info.name).info.run_id);
      expect(existsSync(info.tags.find(({ key }) => key === 'location')!.value)).toBe(true);
    }
    const variant = named(runs, 'narrow · seed 1');
    const method = childrenOf(runs, variant).find((run) => nameOf(run) === 'NAFNet')!;
    const measured = models.find(({ info }) => info.name === 'nafnet · narrow · seed 1')!.data.metrics!;
    expect(measured).toHaveLength(2);
    for (const { key, value, run_id, dataset_name } of measured) {
      expect([run_id, dataset_name]).toEqual([method.info.run_id, 'test']);
      expect(value).toBe(method.data!.metrics!.find((metric) => metric.key === key)!.value);
    }
  });

  test('gets nothing twice from a second push', async () => {
    const before = [await allRuns(), await allModels()];
    for (const directory of directories()) {
      expect(await push(directory)).toMatchObject({ records: 0, missing: [], notes: [] });
    }
    expect([await allRuns(), await allModels()]).toEqual(before);
    expect(await mlflow.points(named(await allRuns(), 'hinet'), 'loss')).toHaveLength(2);
  });

  test('gets the files of models where they are asked for later', async () => {
    const file = join(sweepDirectory(), 'experiment.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('models: reference', 'models: files'));
    expect((await push(sweepDirectory())).missing).toEqual([]);
    const models = await allModels();
    expect(models).toHaveLength(STAGES.length);
    for (const { info } of models) {
      const path = `${experiment}/models/${info.model_id}/artifacts/best.safetensors`;
      const { data } = await axios.get<ArrayBuffer>(`${mlflow.uri}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
        responseType: 'arraybuffer',
      });
      const location = info.tags.find(({ key }) => key === 'location')!.value;
      expect(Buffer.from(data).equals(readFileSync(location))).toBe(true);
    }
  });

  test('calls system metrics as we do', () => {
    const client = readdirSync(clientFolder())
      .filter((name) => name.endsWith('.py'))
      .map((name) => readFileSync(join(clientFolder(), name), 'utf8'))
      .join('\n');
    const usage = {
      cpu: 0,
      memory: { total: 1, used: 1 },
      disk: { total: 1, used: 1, free: 1 },
      network: { received: 0, sent: 0 },
    };
    const gpu = { index: 0, utilization: 0, memory: { used: 0, total: 1 }, power: { used: 0, limit: 1 } };
    const names = Object.keys({ ...systemValues(usage), ...gpuValues([gpu]) });
    expect(names).toHaveLength(13);
    for (const name of names) expect(client).toContain(`"${name.replace(/^gpu_0/, 'gpu_{i}')}"`);
  });
});

(program ? describe : describe.skip)("MLflow's pages", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ ...program!, args: ['--no-sandbox'] });
    // Wide enough for all columns: the table makes only those that are to be seen.
    page = await browser.newPage({ viewport: { width: 3000, height: 1000 } });
    page.setDefaultTimeout(120_000);
  });

  afterAll(() => browser.close());

  test('the table of runs shows the sweep, its variants and stages by their names, and the metrics of the methods', async () => {
    await page.goto(`${mlflow.uri}/#/experiments/${experiment}/runs?workflowType=machine_learning`);
    const row = (name: string) =>
      page
        .locator('.ag-pinned-left-cols-container .ag-row')
        .filter({ has: page.getByRole('link', { name, exact: true }) });
    await row(NAME).getByRole('button').first().click();
    for (const name of [...VARIANTS, ...STAGES]) await row(name).waitFor();
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    await page.getByPlaceholder('Search columns').fill('HINet.psnr');
    const choice = page.locator('[class*=tree-treenode]').filter({ hasText: 'HINet.psnr' });
    await choice.locator('[class*=tree-checkbox]').first().click();
    await page.locator('.ag-header-cell').filter({ hasText: 'HINet.psnr' }).waitFor();
    const psnr = named(await allRuns(), 'base · seed 1').data!.metrics!.find(({ key }) => key === 'HINet.psnr')!.value;
    await page
      .locator('.ag-cell')
      .filter({ hasText: String(psnr).slice(0, 5) })
      .first()
      .waitFor();
  });

  test('a comparison of the variants opens with what differs, and with the last method of the table', async () => {
    const runs = await allRuns();
    const ids = JSON.stringify(VARIANTS.map((name) => named(runs, name).info.run_id));
    const query = `runs=${encodeURIComponent(ids)}&experiments=${encodeURIComponent(JSON.stringify([experiment]))}`;
    await page.goto(`${mlflow.uri}/#/compare-runs?${query}`);
    await page.getByText(`Comparing ${VARIANTS.length} Runs`).waitFor();
    const chosen = page.locator('[class*=select-selection-item-content]');
    await chosen.filter({ hasText: 'HINet.psnr' }).waitFor();
    expect(await chosen.allInnerTexts()).toEqual(['networks.nafnet.width', 'seed', 'stages.hinet.seed', 'HINet.psnr']);
    for (const name of VARIANTS) await page.getByRole('cell', { name, exact: true }).first().waitFor();
  });
});
