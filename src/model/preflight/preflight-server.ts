import { classifyFailure } from '../retry/classify-failure.js';
import type { PreflightCheck } from './preflight-report.js';
import { RequestFailure, type FailureFacts } from '../wire/request-failure.js';
import type { ServerAddress } from '../wire/server-address.js';
import { getHealth, type ModelCard } from '../service/server-status.js';

/** Whether the server is alive; the failure itself when nobody answers at all. */
export async function checkHealth(
  address: ServerAddress,
  signal: AbortSignal,
): Promise<PreflightCheck | FailureFacts> {
  const health = await getHealth(address, 2000, signal).catch(() => ({ state: 'unknown' as const }));
  switch (health.state) {
    case 'up':
      return { name: 'health', state: 'ok', detail: 'the server answers', mend: null };
    case 'down':
      if (health.status === null) return health.failure;
      return {
        name: 'health',
        state: 'fail',
        detail: `/health answers ${health.status}: the engine is dead or still loading`,
        mend: 'Wait for the model to load, or restart the server.',
      };
    case 'unknown':
      return {
        name: 'health',
        state: 'fail',
        detail: 'the port is open but /health does not answer',
        mend: 'Restart the server, or check what listens at this address.',
      };
  }
}

/** Whether the model is listed, by the listing or by why there is none. */
export function checkModel(
  listing: unknown,
  model: string,
  address: ServerAddress,
): { readonly check: PreflightCheck; readonly card: ModelCard | null } {
  if (!Array.isArray(listing)) return { check: unlisted(listing, address), card: null };
  const cards = listing as readonly ModelCard[];
  const card = cards.find(({ id }) => id === model) ?? null;
  if (card !== null) {
    const root = card.root === null || card.root === card.id ? '' : ` (${card.root})`;
    return { check: { name: 'model', state: 'ok', detail: `${card.id}${root} is served`, mend: null }, card };
  }
  const names = nearest(
    model,
    cards.map(({ id }) => id),
  ).slice(0, 5);
  const detail = `${model} is not served${names.length === 0 ? '' : `; served: ${names.join(', ')}`}`;
  const [near] = names;
  const mend =
    near === undefined
      ? 'Start the server with a model.'
      : `Run with --model ${near}, or start the server with --served-model-name ${model}.`;
  return { check: { name: 'model', state: 'fail', detail, mend }, card: null };
}

/** Whether the served context has room for the harness's budget. */
export function checkContext(card: ModelCard, neededTokens: number): PreflightCheck {
  const { maxModelLen } = card;
  if (maxModelLen === null) {
    return {
      name: 'context',
      state: 'warn',
      detail: 'the server does not say how long its context is',
      mend: `Make sure that it serves at least ${neededTokens} tokens (vLLM: --max-model-len ${neededTokens}).`,
    };
  }
  const detail = `max_model_len ${maxModelLen}, the harness needs ${neededTokens}`;
  if (maxModelLen >= neededTokens) return { name: 'context', state: 'ok', detail, mend: null };
  return { name: 'context', state: 'fail', detail, mend: `Start vLLM with --max-model-len ${neededTokens}.` };
}

function unlisted(error: unknown, address: ServerAddress): PreflightCheck {
  const failure = error instanceof RequestFailure ? classifyFailure(error.facts) : null;
  const broken = failure?.status !== null && failure?.status !== undefined && failure.status >= 500;
  return {
    name: 'model',
    state: 'fail',
    detail: `${address.baseUrl}/models: ${failure?.message ?? String(error)}`,
    mend: broken
      ? 'The server is up but its routes are broken (vLLM with FastAPI 0.137 or later does that): install fastapi<0.137.'
      : (failure?.hint ?? null),
  };
}

/** Names by how many letter pairs they share with the wanted one, most first. */
function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const pairs = (text: string): ReadonlySet<string> =>
    new Set(Array.from(text.toLowerCase().slice(0, -1), (_, at) => text.toLowerCase().slice(at, at + 2)));
  const target = pairs(wanted);
  const score = (name: string): number => [...pairs(name)].filter((pair) => target.has(pair)).length;
  return names.toSorted((a, b) => score(b) - score(a));
}
