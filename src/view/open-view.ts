import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { EnvironmentError, InputError } from '../base/errors.js';
import { openJobShelf } from './job-shelf.js';
import { addLive } from './live/live-routes.js';
import { loadAssets } from './server/asset-files.js';
import { addRoutes } from './server/routes.js';
import { guard } from './server/guard.js';

export interface ViewOptions {
  /** Folder of jobs, or one job's. */
  readonly results: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What others than this machine have to show; null for none, which only loopback allows. */
  readonly token: string | null;
}

/** A viewer that listens. Disposing it ends it and every open connection. */
export interface View extends AsyncDisposable {
  /** Where to open it, the token included. */
  readonly url: string;
}

export const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

/** A token that nobody guesses. */
export function newToken(): string {
  return randomBytes(18).toString('base64url');
}

/** Starts the viewer. Throws `InputError` for a foreign address without a token, `EnvironmentError` for a taken port. */
export async function openView({ results, host, port, token }: ViewOptions): Promise<View> {
  if (!loopbackHosts.includes(host) && token === null)
    throw new InputError(`the viewer listens on ${host} only with a token`);
  const shelf = openJobShelf(results);
  const closing = new AbortController();
  const app = new Hono();
  app.use(guard({ host, token }));
  addLive(app, shelf, closing.signal);
  addRoutes(app, { shelf, assets: loadAssets(), results, isServed: true, turns: new Map() });
  const server = serve({ fetch: app.fetch, hostname: host, port }) as Server;
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new EnvironmentError(`cannot listen on ${host} port ${port}`, {
      cause: error,
      hint: 'Choose another one with --port.',
    });
  }
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${taken}/${token === null ? '' : `?token=${token}`}`,
    async [Symbol.asyncDispose]() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
