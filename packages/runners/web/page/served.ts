import { App } from './app.ts';
import { OnServer } from './on-server.ts';

// The page of `yarn serve`: the server does the work.

new App(new OnServer()).start();
