import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import { duration, quantity } from '../../../report/text/format.js';
import { contextAfter, type TurnNumbers } from '../../../review/turns/turn.js';
import { addresses } from '../../address.js';
import type { ShownConversation } from '../../trial/trial-data.js';
import { pageStarting } from '../../trial/turn-pages.js';
import { publishedTokenLimit } from '../../words.js';
import { StackedBar } from '../parts/bars.js';
import type { TrialProps } from './trial-props.js';
import { greatest } from '../../../base/number/extremes.js';

const mostColumns = 400;
const [width, height] = [1000, 90];

/** Context used, turn by turn, against the token limit; each column leads to its turn. */
export const BudgetChart: FC<TrialProps & { readonly conversation: ShownConversation }> = ({
  page,
  data,
  conversation,
}) => {
  const used = conversation.numbers.map(contextAfter).slice(0, mostColumns);
  const known = used.filter((value) => value !== null);
  const most = Math.max(0, greatest(known));
  if (known.length === 0) return null;
  const limit = conversation.turns.limits.totalTokens ?? publishedTokenLimit;
  const top = Math.max(limit, most);
  const step = width / Math.max(used.length, 16);
  const last = known.at(-1) ?? 0;
  const toTurn = (turn: number): string => {
    const { from } = pageStarting(conversation.pages, turn);
    const here =
      from === conversation.page.from
        ? ''
        : page.to(addresses.trial(data.job.name, data.name, { step: data.step, from }));
    return `${here}#turn-${turn}`;
  };
  return (
    <figure class="budget">
      <figcaption>
        Context: {quantity(last)} of {quantity(limit)} tokens ({percent(last / limit)} %) after turn{' '}
        {used.length}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="group"
        aria-label="Context by turn"
      >
        <line class="limit" x1="0" x2={width} y1={y(limit, top)} y2={y(limit, top)} />
        {used.map((value, index) => (
          <a
            href={toTurn(index + 1)}
            aria-label={`turn ${index + 1}: ${value ?? 'unknown'} tokens`}
            tabindex={-1}
          >
            <rect class="hit" x={(index * step).toFixed(1)} width={step.toFixed(1)} height={height} />
            <rect
              class={(value ?? 0) > limit * 0.9 ? 'fill partial' : 'fill model'}
              x={(index * step + step * 0.1).toFixed(1)}
              width={(step * 0.8).toFixed(1)}
              y={y(value ?? 0, top)}
              height={((value ?? 0) / top) * height}
            >
              <title>{`turn ${index + 1}: ${value ?? 'unknown'} tokens`}</title>
            </rect>
          </a>
        ))}
      </svg>
    </figure>
  );
};

function y(tokens: number, top: number): string {
  return (height - (tokens / top) * height).toFixed(1);
}

/** Model, waiting and commands in the order they happened. */
export const TimeLine: FC<{
  readonly numbers: readonly TurnNumbers[];
  readonly data: TrialProps['data'];
}> = ({ numbers, data }) => {
  const spans = numbers.flatMap((turn, index) =>
    (
      [
        ['waiting', turn.waitMs],
        ['model', turn.modelMs],
        ['command', turn.commandMs],
      ] as const
    ).flatMap(([kind, ms]) => (ms === null || ms <= 0 ? [] : [{ kind, ms, turn: index + 1 }])),
  );
  const total = spans.reduce((sum, { ms }) => sum + ms, 0);
  if (total === 0) return null;
  const sum = (kind: string): number =>
    spans.filter((span) => span.kind === kind).reduce((all, { ms }) => all + ms, 0);
  const rest = Math.max(0, (data.summary?.phasesMs.agent ?? 0) - total);
  const parts = [
    ...(['model', 'waiting', 'command'] as const).map((kind) => ({
      ...{ name: kind, kind, value: sum(kind) },
      text: `${duration(sum(kind))} (${percent(sum(kind) / (total + rest))} %)`,
    })),
    ...(rest < 1 ? [] : [{ name: 'rest', kind: 'rest', value: rest, text: duration(rest) }]),
  ];
  let left = 0;
  return (
    <figure class="timeline">
      <figcaption>
        {numbers.every(({ modelMs }) => modelMs === null)
          ? `Commands: ${duration(total)}; the model’s time is not recorded`
          : `Time: ${duration(total + rest)} of the agent`}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} 24`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Time line: model, waiting, commands in their order"
      >
        {spans.slice(0, mostColumns * 3).map(({ kind, ms, turn }) => {
          const x = left;
          left += (ms / total) * width;
          return (
            <rect
              class={`fill ${kind}`}
              x={x.toFixed(2)}
              width={((ms / total) * width).toFixed(2)}
              height="24"
            >
              <title>{`turn ${turn}: ${kind} ${duration(ms)}`}</title>
            </rect>
          );
        })}
      </svg>
      <StackedBar label="The same by kind" parts={parts} />
    </figure>
  );
};
