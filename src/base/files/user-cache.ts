import type { HostVariables } from '../host-variables.js';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where a user's downloads and notes are kept: `$XDG_CACHE_HOME/tbench`, else `~/.cache/tbench`. */
export function userCache(env: HostVariables): string {
  const { XDG_CACHE_HOME: xdg, HOME: home } = env;
  const cache = xdg === undefined || !isAbsolute(xdg) ? join(home ?? homedir(), '.cache') : xdg;
  return join(cache, 'tbench');
}
