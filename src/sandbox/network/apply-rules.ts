import { runInside, type NetworkOwner } from './inside-network.js';

/** The host's programs that put rules into another network namespace. */
export interface RuleTools {
  readonly nsenter: string;
  readonly nft: string;
}

/**
 * Puts a ruleset (see networkRules) into a container's network namespace, from outside. Returns why that could not be done, or
 * null when the rules are in force.
 */
export async function applyRules(
  owner: NetworkOwner,
  rules: string,
  { nsenter, nft }: RuleTools,
): Promise<string | null> {
  const done = await runInside(owner, { nsenter, argv: [nft, '-f', '-'], input: rules });
  return typeof done === 'string' ? done : null;
}
