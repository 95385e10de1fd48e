import { parseAddress, type ServerAddress } from './address.ts';
import { findLocalServer } from './local-server.ts';

/** Finds the server again at each call: a local one may start (or move to another port) while a run continues. */
export type ServerFinder = () => Promise<ServerAddress | undefined>;

/** The first of these addresses that is given, else the local server of `yarn mlflow` if it runs. */
export function serverFinder(...addresses: readonly (ServerAddress | undefined)[]): ServerFinder {
  const fixed = addresses.find((address) => address !== undefined);
  if (fixed) return () => Promise.resolve(fixed);
  return async () => {
    const server = await findLocalServer();
    return server && { uri: server.uri };
  };
}

/** The address that the environment names. Errors: `UserError` for one that is none. */
export function serverOfEnvironment(environment: NodeJS.ProcessEnv = process.env): ServerAddress | undefined {
  const uri = environment['MLFLOW_TRACKING_URI'];
  return uri ? parseAddress(uri, 'MLFLOW_TRACKING_URI') : undefined;
}
