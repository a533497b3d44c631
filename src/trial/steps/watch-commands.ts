import type { AgentSandbox, Sandbox } from '../../sandbox/sandbox.js';

/** The agent's narrow view of a sandbox; every command it runs is told first. */
export function watchCommands(sandbox: Sandbox, onCommand: (command: string) => void): AgentSandbox {
  return {
    workdir: sandbox.workdir,
    run: (command, options) => {
      onCommand(command);
      return sandbox.run(command, options);
    },
    exec: (argv, options) => sandbox.exec(argv, options),
    readFile: (path, maxBytes, signal) => sandbox.readFile(path, maxBytes, signal),
    upload: (targetDir, files, signal) => sandbox.upload(targetDir, files, signal),
  };
}
