/** The argv that runs a bash program in a sandbox, with bash by its absolute path: the agent decides what PATH finds. */
export function bash(program: string, args: readonly string[] = [], name = 'bash'): readonly string[] {
  return ['/bin/bash', '-c', program, name, ...args];
}
