import type { FC } from 'hono/jsx';

/** The head of a column whose cells are links into the row. */
export const OpenColumn: FC = () => (
  <th scope="col">
    <span class="visually-hidden">Open</span>
  </th>
);
