import { EnvironmentError } from '../../base/errors.js';
import type { FailureFacts } from '../wire/request-failure.js';
import type { ServerAddress } from '../wire/server-address.js';
import { defaultServeRequest, serveLines } from './vllm-command.js';

/** What stopped a request before any answer, and what a person does about it. */
interface Obstacle {
  readonly what: string;
  readonly mend: string;
}

/** What the error needs beside the failure. */
export interface Reach {
  /** The model that was asked for: in the command that would serve it. */
  readonly model: string;
  /** Proxy variables of the environment, by name: none is used. */
  readonly unusedProxies: readonly string[];
}

/** The error for a server that gave no answer: why, and what to do. To start one is the advice only where nobody listens. */
export function unreachable(
  address: ServerAddress,
  failure: FailureFacts,
  { model, unusedProxies }: Reach,
): EnvironmentError {
  const code = failure.kind === 'connection' ? (failure.code ?? '') : '';
  const said = failure.kind === 'connection' ? failure.message : failure.kind;
  const { what, mend } = obstacleOf(code, new URL(address.baseUrl)) ?? absent(address, model);
  const proxies =
    unusedProxies.length === 0
      ? ''
      : `\n${unusedProxies.join(' and ')} ${unusedProxies.length === 1 ? 'is' : 'are'} set and not used: tbench talks to model servers directly, without a proxy.`;
  const cause = code === 'ECONNREFUSED' ? '' : ` (${said})`;
  return new EnvironmentError(`${what}${cause}`, { hint: indent(`${mend}${proxies}`) });
}

/** The obstacles that starting a server would not remove, by the code that Node or OpenSSL gives. */
function obstacleOf(code: string, { hostname, host, protocol }: URL): Obstacle | null {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return {
      what: `the model server's host ${hostname} is unknown`,
      mend: 'Check the name in --base-url, and whether this machine resolves it.',
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      what: `the certificate of ${host} is made out to another name`,
      mend: 'Give the name of the certificate in --base-url.',
    };
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return {
      what: `the certificate of ${host} is not valid now`,
      mend: "Renew it on the server, or check this machine's clock.",
    };
  if (/CERT|VERIFY/.test(code))
    return {
      what: `the certificate of ${host} is not trusted`,
      mend: 'Name the authority that signed it (or the certificate itself) in a file: NODE_EXTRA_CA_CERTS=/path/to/ca.pem tbench ...',
    };
  if (protocol === 'https:' && (code === 'EPROTO' || code.startsWith('ERR_SSL')))
    return {
      what: `${host} does not speak TLS`,
      mend: `Use http:// in --base-url, or serve with TLS.`,
    };
  if (code.startsWith('HPE_') || (protocol === 'http:' && code === 'ECONNRESET'))
    return {
      what: `${host} does not answer in plain HTTP`,
      mend: 'If the server speaks TLS, use https:// in --base-url; else check what listens at this port.',
    };
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT')
    return {
      what: `the network does not lead to ${host}`,
      mend: 'Check the address in --base-url, routes and firewalls.',
    };
  return null;
}

/** Nobody listens there: what to type to have a server. */
function absent({ baseUrl }: ServerAddress, model: string): Obstacle {
  const { hostname, port, protocol } = new URL(baseUrl);
  const defaultPort = protocol === 'https:' ? 443 : 80;
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname);
  const host = isHere ? defaultServeRequest.host : '0.0.0.0';
  const request = { ...defaultServeRequest, model, host, port: port === '' ? defaultPort : Number(port) };
  return {
    what: `no model server answers at ${baseUrl}`,
    mend: `Start one, for example with \`tbench serve ${model} --exec\`, which runs:\n${serveLines(request)}`,
  };
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
