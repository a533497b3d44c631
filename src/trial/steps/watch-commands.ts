import type { AgentSandbox, Sandbox } from '../../sandbox/sandbox.js';
import type { RunningOutput } from '../live/running-output.js';

/** Who is told of an agent's commands. */
export interface CommandWatch {
  /** Told every command before it runs. */
  readonly onCommand: (command: string) => void;
  /** Asked for where the output of a command goes while it runs. */
  readonly keepRunning: () => RunningOutput;
}

/** The agent's narrow view of a sandbox; every command it runs is told first, and what it prints while it runs. */
export function watchCommands(sandbox: Sandbox, { onCommand, keepRunning }: CommandWatch): AgentSandbox {
  return {
    workdir: sandbox.workdir,
    run: async (command, options) => {
      onCommand(command);
      await using running = keepRunning();
      return await sandbox.run(command, { ...options, onOutput: (bytes) => running.push(bytes) });
    },
    exec: (argv, options) => sandbox.exec(argv, options),
    readFile: (path, maxBytes, signal) => sandbox.readFile(path, maxBytes, signal),
    upload: (targetDir, files, signal) => sandbox.upload(targetDir, files, signal),
  };
}
