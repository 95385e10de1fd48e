import type { DeliveryState } from './delivery-state.ts';

/** A run on a server. `null` members are not known (yet). */
export interface RunAddress {
  readonly uri: string;
  readonly experimentId: string | null;
  readonly runId: string | null;
  /** The page of the run, for display. */
  readonly page: string | null;
}

/** Where a run is to be seen, as far as it is known; null before any server was found. */
export function runAddress(state: DeliveryState, uri: string | undefined): RunAddress | null {
  const { uri: last, experimentId, runId } = state.last;
  const known = uri === undefined || uri === last;
  const at = uri ?? last;
  if (at === null) return null;
  if (!known || experimentId === null || runId === null)
    return { uri: at, experimentId: null, runId: null, page: null };
  return { uri: at, experimentId, runId, page: runPage(at, experimentId, runId) };
}

/** Without its last part MLflow's page opens with the views for language models. */
function runPage(uri: string, experimentId: string, runId: string): string {
  return `${uri}/#/experiments/${experimentId}/runs/${runId}?workflowType=machine_learning`;
}
