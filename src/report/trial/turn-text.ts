import { safeText } from '../../base/safe-text.js';
import type { Followed } from '../../review/turns/follow-turns.js';
import { contextAfter, type OpeningMessage, type Turn, type TurnOutput } from '../../review/turns/turn.js';
import { duration, quantity } from '../text/format.js';
import { printable } from '../text/text.js';

/** What `tbench logs` prints of one thing that it follows. */
export function renderFollowed(one: Followed): string {
  switch (one.kind) {
    case 'step':
      return `══ step ${printable(one.name)}\n\n`;
    case 'opening':
      return renderOpening(one.messages);
    case 'turn':
      return renderTurn(one.turn);
  }
}

/** What the model was told, as plain text that steers no terminal. */
function renderOpening(messages: readonly OpeningMessage[]): string {
  return messages.map(({ role, text }) => `── ${role}\n${safe(text)}\n\n`).join('');
}

/** One turn as plain text: thought, text, commands, outputs. */
function renderTurn(turn: Turn): string {
  const parts = [
    `── turn ${turn.number}${notesOf(turn)}`,
    ...(turn.leftOut === null ? [] : [turn.leftOut]),
    ...(turn.thought === null || turn.thought === '' ? [] : [indented('thought', turn.thought)]),
    ...(turn.text === '' ? [] : [safe(turn.text)]),
    ...turn.calls.map(({ name, command }) => `${safe(name)}$ ${safe(command)}`),
    ...(turn.formatError === null ? [] : [`turned down: ${safe(turn.formatError)}`]),
    ...turn.said.map((text) => indented('told', text)),
    ...turn.outputs.map((output) => outputText(output, turn)),
  ];
  return `${parts.join('\n')}\n\n`;
}

function notesOf({ numbers, truncated, open }: Turn): string {
  const context = contextAfter(numbers);
  const notes = [
    ...(truncated ? ['cut at its token limit'] : []),
    ...(open ? ['not finished'] : []),
    ...(numbers.modelMs === null ? [] : [`model ${duration(numbers.modelMs)}`]),
    ...(numbers.commandMs === null ? [] : [`command ${duration(numbers.commandMs)}`]),
    ...(context === null ? [] : [`context ${quantity(context)}`]),
  ];
  return notes.length === 0 ? '' : `: ${notes.join(', ')}`;
}

function outputText({ text, exitCode, timedOut, outOfMemory, notice }: TurnOutput, turn: Turn): string {
  const exit = exitCode ?? turn.numbers.exitCode;
  const ends = [
    ...(exit === null ? [] : [`exit ${exit}`]),
    ...(timedOut ? ['timed out'] : []),
    ...(outOfMemory ? ['out of memory'] : []),
    ...(notice === null ? [] : [safe(notice)]),
  ];
  return `${safe(text).replace(/\n$/, '')}${ends.length === 0 ? '' : `\n[${ends.join(', ')}]`}`;
}

function indented(name: string, text: string): string {
  return `${name}:\n${safe(text).replace(/^/gm, '  ')}`;
}

function safe(text: string): string {
  return safeText(text, { lines: 'many' });
}
