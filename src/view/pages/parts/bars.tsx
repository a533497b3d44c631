import type { FC } from 'hono/jsx';

/** A part of a whole: `kind` is its colour's name in the style sheet. */
export interface BarPart {
  readonly name: string;
  readonly value: number;
  readonly kind: string;
  /** The value for people. */
  readonly text: string;
}

/** Parts of a whole side by side, with a list that says the same in words. Drawn by attributes: inline styles are forbidden. */
export const StackedBar: FC<{
  readonly label: string;
  readonly parts: readonly BarPart[];
  readonly whole?: number;
}> = ({ label, parts, whole }) => {
  const total = whole ?? parts.reduce((sum, part) => sum + part.value, 0);
  let left = 0;
  const shown = parts.filter((part) => part.value > 0);
  const rects = shown.map((part) => {
    const width = total === 0 ? 0 : (part.value / total) * 1000;
    const rect = { part, x: left, width };
    left += width;
    return rect;
  });
  return (
    <div class="bar">
      <svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="empty" width="1000" height="20" />
        {rects.map(({ part, x, width }) => (
          <rect
            class={`fill ${part.kind}`}
            x={x.toFixed(1)}
            width={Math.max(width, 1.5).toFixed(1)}
            height="20"
          >
            <title>{`${part.name}: ${part.text}`}</title>
          </rect>
        ))}
      </svg>
      <ul>
        {shown.map((part) => (
          <li>
            <span class={`swatch ${part.kind}`}></span>
            {part.name} <b>{part.text}</b>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** How much of something is there, as one bar. */
export const Meter: FC<{ readonly fraction: number; readonly label: string; readonly kind?: string }> = ({
  fraction,
  label,
  kind = 'plain',
}) => (
  <svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
    <rect class="empty" width="100" height="8" />
    <rect class={`fill ${kind}`} width={(Math.min(1, Math.max(0, fraction)) * 100).toFixed(1)} height="8" />
  </svg>
);

/** A mean with its interval on a scale from 0 to 100 %. */
export const Whisker: FC<{
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly label: string;
}> = ({ mean, low, high, label }) => (
  <svg class="whisker" viewBox="0 0 104 12" role="img" aria-label={label}>
    <line class="scale" x1="2" x2="102" y1="6" y2="6" />
    <line class="range" x1={(2 + low * 100).toFixed(1)} x2={(2 + high * 100).toFixed(1)} y1="6" y2="6" />
    <circle class="mean" cx={(2 + mean * 100).toFixed(1)} cy="6" r="3" />
  </svg>
);
