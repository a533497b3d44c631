import { vi } from 'vitest';

/** What a command printed, and the error it ended with. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: unknown;
}

interface Command {
  parseAsync(args: readonly string[], from: { from: 'user' }): Promise<unknown>;
}

/** Runs a command of the command line in this process. */
export async function outputOf(command: Command, ...args: readonly string[]): Promise<CommandOutput> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  const { exitCode } = process;
  try {
    await command.parseAsync(args, { from: 'user' });
    return { ...written, error: null };
  } catch (error) {
    return { ...written, error };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = exitCode;
  }
}
