import type { EngineClient } from '../connection/engine-client.js';
import { endpoint } from './service-request.js';
import type { Wiring } from './project-spec.js';

/** A container is made on its first network; the others come before it starts. */
export async function connectOthers(
  client: EngineClient,
  { id, wiring }: { readonly id: string; readonly wiring: Wiring },
): Promise<void> {
  for (const network of wiring.networks.slice(1)) {
    const body = { Container: id, EndpointConfig: endpoint(network) };
    const path = `/networks/${network.engineName}/connect`;
    await client.send({ method: 'POST', path, body, what: `connect a service to ${network.engineName}` });
  }
}
