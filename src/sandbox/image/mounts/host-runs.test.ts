import { expect, it } from 'vitest';
import { hostRunRefusal } from './host-runs.js';

it.each([
  'RUN --network=host curl http://127.0.0.1',
  'run --mount=type=cache,target=/c --network=host ls',
  'RUN --net\\\nwork=ho\\\nst ls',
  'ARG N=host\nRUN --network=$N ls',
  'ARG F=network=host\nRUN --$F ls',
  'RUN --n"etwor"k=host ls',
  'RUN --network="host" ls',
  'RUN --network host ls',
  'ONBUILD RUN --network=host ls',
  'RUN --security=insecure ls',
  'COPY <<EOF /a\nRUN --network=host ls\nEOF',
])('a line that asks for the host is refused: %j', (text) => {
  expect(hostRunRefusal(`FROM x\n${text}\n`)).toContain('can reach the host');
});

it.each([
  'RUN --network=none make',
  'RUN --network=default --security=sandbox make',
  'RUN --mount=type=cache,target="/a b" make',
  'RUN docker run --network=host x',
  'RUN ["--network=host"]',
  '# RUN --network=host ls',
])('other lines are not: %j', (text) => {
  expect(hostRunRefusal(`FROM x\n${text}\n`)).toBeNull();
});
