/** The environment variables of a process on this machine; a trial's environment is its sandboxes. */
export type HostVariables = Readonly<Record<string, string | undefined>>;
