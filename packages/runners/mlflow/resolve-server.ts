import { parseAddress, type ServerAddress } from './address.ts';
import { findLocalServer } from './local-server.ts';

/** Finds the server anew at each call: a local one may start (or move to another port) while a run goes on. */
export type ServerFinder = () => Promise<ServerAddress | undefined>;

/**
 * Where a run is logged: the address given, else `MLFLOW_TRACKING_URI`, else the local server of `yarn mlflow` if it runs.
 * Errors: `UserError` for an address that is none.
 */
export function serverFinder(
  given: string | undefined,
  from: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  data?: string,
): ServerFinder {
  const variable = environment['MLFLOW_TRACKING_URI'];
  const fixed = given
    ? parseAddress(given, from)
    : variable
      ? parseAddress(variable, 'MLFLOW_TRACKING_URI')
      : undefined;
  if (fixed) return () => Promise.resolve(fixed);
  return async () => {
    const server = await findLocalServer(data);
    return server && { uri: server.uri };
  };
}
