/** Processes a sandbox, a service or a build may hold: room for any build, too few for a fork bomb to hurt the host. */
export const pidsLimit = 4096;
