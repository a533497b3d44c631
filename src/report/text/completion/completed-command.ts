/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    /** `-m`, `--model`. */
    readonly names: readonly string[];
    readonly description: string;
    readonly choices: readonly string[];
    readonly takesValue: boolean;
  }[];
  readonly commands: readonly CompletedCommand[];
}

/** A command with the words that lead to it: `tasks check`. */
export interface PlacedCommand {
  readonly path: string;
  readonly command: CompletedCommand;
}

/** Every command with those below it. */
export function placed(commands: readonly CompletedCommand[], above = ''): PlacedCommand[] {
  return commands.flatMap((command) => {
    const path = above === '' ? command.name : `${above} ${command.name}`;
    return [{ path, command }, ...placed(command.commands, path)];
  });
}
