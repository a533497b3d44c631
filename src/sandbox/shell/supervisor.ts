import { readShellProgram } from '../../base/shell/shell-program.js';
import {
  headerLength,
  keptDescriptor,
  ledgerDescriptor,
  markBase,
  maxKeptKib,
  maxNoteBytes,
  noteDescriptor,
} from './protocol.js';

/** The argv of PID 1 and of a supervisor that replaces a lost one: supervisor/boot.sh. PID 1 gets the sandbox's token as its last word. */
export const bootCommand: readonly string[] = [
  '/bin/sh',
  '-c',
  withoutComments(readShellProgram('./supervisor/boot.sh', import.meta.url)),
  'tbench',
];

const program = withoutComments(readShellProgram('./supervisor/supervisor.sh', import.meta.url));

/** The supervisor's program, to be written to the booted shell's stdin; supervisor/README.md explains it. */
export function supervisorProgram(nonce: string): string {
  const numbers = [
    headerLength,
    markBase,
    noteDescriptor,
    maxNoteBytes,
    ledgerDescriptor,
    keptDescriptor,
    maxKeptKib,
  ];
  return `${program}\nsupervise ${nonce} ${numbers.join(' ')}\n`;
}

/** Every byte costs time: at the start of each sandbox its shell reads the program from a pipe, byte by byte. */
function withoutComments(text: string): string {
  return text.replace(/^ *(#.*)?\n/gm, '').replace(/^ +/gm, '');
}
