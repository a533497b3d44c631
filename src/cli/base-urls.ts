import { parseServerAddress } from '../model/wire/server-address.js';
import type { HostVariables } from '../base/host-variables.js';

/** Where a server is looked for when nobody says where it is: vLLM's own default. */
const defaultBaseUrl = 'http://127.0.0.1:8000/v1';

/** The servers named on the command line, else by the environment (an empty variable names none), else vLLM's default. */
export function baseUrls(named: readonly string[] | undefined, env: HostVariables): readonly string[] {
  const fromEnv = env['OPENAI_BASE_URL']?.trim() ?? '';
  const urls = named ?? [fromEnv === '' ? defaultBaseUrl : fromEnv];
  return urls.map((url) => parseServerAddress(url, null).baseUrl);
}
