import type { FC } from 'hono/jsx';

interface LongProps {
  readonly text: string;
  readonly label: string;
  /** Where all of a text is that is too long to be shown; null where it is nowhere. */
  readonly whole?: string | null;
  readonly kind?: string;
}

const mostShown = 16_000;
const shownHead = 10_000;
const shownTail = 5_000;

/** A text of a model, a tool or a test. Of a very long one its beginning and its end, and the way to all of it. */
export const Long: FC<LongProps> = ({ text, label, whole = null, kind = 'output' }) => {
  const isCut = text.length > mostShown;
  return (
    <pre class={kind} tabindex={0} role="group" aria-label={label}>
      {isCut ? text.slice(0, shownHead) : text}
      {isCut ? (
        <span class="cut">
          {`\n… ${text.length - shownHead - shownTail} characters are not shown here`}
          {whole === null ? null : (
            <>
              {': '}
              <a href={whole}>the whole text</a>
            </>
          )}
          {' …\n'}
        </span>
      ) : null}
      {isCut ? text.slice(-shownTail) : null}
    </pre>
  );
};
