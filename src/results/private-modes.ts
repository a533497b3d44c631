/** Job folders are their owner's: what a model did, and what a task hides, is nobody else's on a shared machine. */
export const privateModes = { folder: 0o700, file: 0o600 } as const;
