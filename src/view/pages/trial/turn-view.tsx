import type { FC } from 'hono/jsx';
import { duration, quantity } from '../../../report/text/format.js';
import { contextAfter, type Turn, type TurnOutput } from '../../../review/turns/turn.js';
import { addresses } from '../../address.js';
import { Long } from './long-text.js';
import type { TrialProps } from './trial-props.js';

/** One turn: thought, text, command, output with its exit code, and what all that took. */
export const TurnView: FC<TrialProps & { readonly turn: Turn; readonly idPrefix?: string }> = ({
  page,
  data,
  turn,
  idPrefix = '',
}) => {
  const part = (name: string): string =>
    page.to(addresses.part(data.job.name, data.name, `turn-${turn.number}-${name}`, data.step));
  const isRunning = turn.open && data.running !== null;
  return (
    <li class={isRunning ? 'turn now' : 'turn'} id={`${idPrefix}turn-${turn.number}`} data-row>
      <header>
        <h3>
          <a href={`#${idPrefix}turn-${turn.number}`}>Turn {turn.number}</a>
        </h3>
        <TurnNotes turn={turn} isRunning={isRunning} />
      </header>
      {turn.leftOut === null ? null : <p class="label">{turn.leftOut}</p>}
      {turn.thought === null || turn.thought === '' ? null : (
        <details class="thought">
          <summary>Thought · {quantity(turn.thought.length)} characters</summary>
          <Long
            text={turn.thought}
            label={`Thought of turn ${turn.number}`}
            whole={part('thought')}
            kind="said"
          />
        </details>
      )}
      {turn.text === '' ? null : (
        <Long text={turn.text} label={`Answer of turn ${turn.number}`} whole={part('text')} kind="said" />
      )}
      {turn.calls.map((call, index) => (
        <div class="call">
          <span class="tool">{call.name}</span>
          <Long
            text={call.command}
            label={`Command of turn ${turn.number}`}
            whole={part(`call${index}`)}
            kind="command"
          />
        </div>
      ))}
      {turn.formatError === null ? null : <p class="label">Turned down: {turn.formatError}</p>}
      {turn.said.map((text, index) => (
        <Long
          text={text}
          label={`What turn ${turn.number} was told`}
          whole={part(`said${index}`)}
          kind="said told"
        />
      ))}
      {turn.outputs.map((output, index) => (
        <Output output={output} turn={turn} whole={part(`output${index}`)} />
      ))}
      {isRunning ? <p class="working">The command runs …</p> : null}
    </li>
  );
};

const TurnNotes: FC<{ readonly turn: Turn; readonly isRunning: boolean }> = ({ turn, isRunning }) => {
  const { numbers } = turn;
  const context = contextAfter(numbers);
  const notes = [
    ...(numbers.modelMs === null ? [] : [`model ${duration(numbers.modelMs)}`]),
    ...(numbers.waitMs === null || numbers.waitMs < 500 ? [] : [`waited ${duration(numbers.waitMs)}`]),
    ...(numbers.commandMs === null ? [] : [`command ${duration(numbers.commandMs)}`]),
    ...(numbers.outputTokens === null ? [] : [`${quantity(numbers.outputTokens)} tokens written`]),
    ...(context === null ? [] : [`context ${quantity(context)}`]),
  ];
  return (
    <p class="notes">
      {turn.truncated ? <span class="chip warn">cut at its token limit</span> : null}
      {turn.recovered ? <span class="chip">call read from the text</span> : null}
      {turn.open && !isRunning ? <span class="chip warn">not finished</span> : null}
      {notes.map((note) => (
        <span>{note}</span>
      ))}
    </p>
  );
};

const Output: FC<{ readonly output: TurnOutput; readonly turn: Turn; readonly whole: string }> = ({
  output,
  turn,
  whole,
}) => {
  const exit = output.exitCode ?? turn.numbers.exitCode;
  const shownBytes = Buffer.byteLength(output.text);
  return (
    <div class="result">
      <p class="exit">
        {exit === null ? null : <span class={exit === 0 ? 'chip good' : 'chip bad'}>exit {exit}</span>}
        {output.timedOut ? <span class="chip bad">timed out</span> : null}
        {output.outOfMemory ? <span class="chip bad">out of memory</span> : null}
        {output.notice === null ? null : <span class="chip warn">{output.notice}</span>}
        {output.totalBytes !== null && output.totalBytes > shownBytes * 1.05 + 200 ? (
          <span class="chip">
            the model saw {quantity(shownBytes)} of {quantity(output.totalBytes)} bytes
          </span>
        ) : null}
      </p>
      {output.text === '' ? (
        <p class="empty-note">no output</p>
      ) : (
        <Long text={output.text} label={`Output of turn ${turn.number}`} whole={whole} />
      )}
    </div>
  );
};
