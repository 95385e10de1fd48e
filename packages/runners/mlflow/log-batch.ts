import { emptyBatch, halves, splitBatch, type LogBatch } from './batches.ts';
import { cutText, LIMITS } from './names.ts';
import type { MlflowClient } from './rest-client.ts';
import { aboutTheRun, ServerError } from './server-error.ts';

/**
 * Sends metrics, parameters and tags to a run (POST `runs/log-batch`), in as many requests as MLflow's limits ask for.
 * A refused request is halved until what the server does not accept stands alone; that is left out.
 * @param taken is called with each part that the server has taken
 * @returns a line for each value that was left out
 * Errors: `ServerError` of every kind but `refused`.
 */
export async function logBatch(
  client: MlflowClient,
  run: string,
  batch: LogBatch,
  taken: (part: LogBatch) => void,
): Promise<string[]> {
  const refused: string[] = [];
  for (const part of splitBatch(batch)) await send(part);
  return refused;

  async function send(part: LogBatch): Promise<void> {
    try {
      await client.send('runs/log-batch', { run_id: run, ...part });
      taken(part);
    } catch (error) {
      if (!(error instanceof ServerError) || error.kind !== 'refused' || aboutTheRun(error)) throw error;
      const parts = halves(part);
      if (parts.length > 1) {
        for (const half of parts) await send(half);
        return;
      }
      const [tag] = part.tags;
      if (tag && tag.value.length > LIMITS.oldTag) {
        return send({ ...emptyBatch(), tags: [{ ...tag, value: cutText(tag.value, LIMITS.oldTag) }] });
      }
      const [name] = [...part.params, ...part.tags, ...part.metrics].map(({ key }) => key);
      refused.push(`"${name}" was not accepted: ${error.message}`);
    }
  }
}
