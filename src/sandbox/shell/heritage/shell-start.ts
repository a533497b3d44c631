import type { ShellOptions } from '../agent-shell.js';
import { ShellChannel } from '../channel/shell-channel.js';
import { withVariables, type ShellState } from '../payload.js';
import { stateOf, type ShellTicket } from './shell-ticket.js';

/** Where an agent's shell begins: anew, or where another process left it. */
export interface ShellStart {
  readonly first: ShellState;
  readonly state: ShellState;
  readonly user: string | null;
  readonly workdir: string;
  readonly seq: number;
  readonly oomKills: number | null;
}

export function startOf(origin: ShellChannel | ShellTicket, options: ShellOptions): ShellStart {
  if (origin instanceof ShellChannel) {
    const first = withVariables(origin.initialState, options.environment);
    const workdir = origin.initialState.cwd.toString();
    return { first, state: first, user: options.user, workdir, seq: 0, oomKills: null };
  }
  const { user, workdir, seq, oom_kills: oomKills } = origin;
  return { first: stateOf(origin.first), state: stateOf(origin.state), user, workdir, seq, oomKills };
}
