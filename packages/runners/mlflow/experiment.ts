import type { MlflowClient } from './rest-client.ts';
import { ServerError } from './server-error.ts';

interface Experiment {
  readonly experiment_id: string;
  readonly lifecycle_stage: string;
}

/** What MLflow's page shows an experiment as, instead of one with language models. */
const MODEL_TRAINING = { key: 'mlflow.experimentKind', value: 'custom_model_development' };

/**
 * The id of the experiment of this name, made if it is new.
 * Errors: `ServerError`, also where the experiment was deleted (its name stays taken).
 */
export async function experimentId(client: MlflowClient, name: string): Promise<string> {
  const found = await find(client, name);
  if (found) return found;
  try {
    return (await client.post<{ experiment_id: string }>('experiments/create', { name, tags: [MODEL_TRAINING] }))
      .experiment_id;
  } catch (error) {
    const raced = error instanceof ServerError && error.code === 'RESOURCE_ALREADY_EXISTS';
    const other = raced ? await find(client, name) : undefined;
    if (other) return other;
    throw error;
  }
}

async function find(client: MlflowClient, name: string): Promise<string | undefined> {
  try {
    const { experiment } = await client.get<{ experiment?: Experiment }>('experiments/get-by-name', {
      experiment_name: name,
    });
    if (!experiment) throw new ServerError('wrong-address', `${client.uri} does not answer as an MLflow server does`);
    if (experiment.lifecycle_stage === 'deleted') {
      throw new ServerError(
        'denied',
        `On ${client.uri} the experiment "${name}" was deleted, and MLflow keeps its name. Restore it there, or give another name (tracking.experiment)`,
      );
    }
    return experiment.experiment_id;
  } catch (error) {
    if (error instanceof ServerError && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  }
}
