import type { TrackerAddress } from '@dualprior/core';
import type { DeliveryState } from './delivery-state.ts';

/** Where a run is to be seen, as far as it is known; null before any server was found. */
export function runAddress(state: DeliveryState, uri: string | undefined): TrackerAddress | null {
  const { uri: last, experimentId, runId } = state.last;
  const known = uri === undefined || uri === last;
  const at = uri ?? last;
  if (at === null) return null;
  if (!known || experimentId === null || runId === null)
    return { uri: at, experimentId: null, runId: null, page: null };
  return { uri: at, experimentId, runId, page: runPage(at, experimentId, runId) };
}

/** Without its last part MLflow's page opens with the views for language models. */
export function runPage(uri: string, experimentId: string, runId: string): string {
  return `${uri}/#/experiments/${experimentId}/runs/${runId}?workflowType=machine_learning`;
}
