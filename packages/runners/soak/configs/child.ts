import { loadExperiment, type Log } from '@dualprior/core';
import '../../catalogue.ts';
import { checkComponents } from '../../checks/preflight.ts';
import { answerFiles } from '../files/answer-files.ts';

const SILENT: Log = { info: () => {}, warn: () => {} };

answerFiles((file) => {
  checkComponents(loadExperiment(file), SILENT);
  return 'valid';
});
