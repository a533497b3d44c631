import { sleep } from '../../base/deadline.js';
import type { EngineWatch } from './engine-watch.js';
import type { ServerLoad } from './metrics.js';
import type { ModelEvent } from '../model-event.js';
import type { RequestSlots } from './request-slots.js';
import type { ServerAddress } from '../wire/server-address.js';
import { getServerLoad } from './server-status.js';

/** Requests in flight before the first look at a server. */
export const firstSlots = 16;
const mostSlots = 512;
/** Looks without growth after a cut, so that its effect can be seen. */
const coolDownLooks = 5;

interface Followed {
  readonly address: ServerAddress;
  readonly slots: RequestSlots;
  readonly engine: EngineWatch;
}

export interface AdmissionState {
  readonly slots: number;
  readonly coolDown: number;
  readonly preemptions: number | null;
  readonly rejections: number | null;
  readonly reason: string;
}

/**
 * The next number of slots from what the server says. vLLM never answers 429 by itself: it queues silently, so
 * the harness must hold back on its own. With a bounded queue it refuses with 503 and shows nobody waiting. Cuts a quarter
 * when requests wait or were refused or preempted, or the KV cache is nearly full; grows by a quarter when none of this is so and all slots are in use. Pure.
 */
export function nextAdmission(
  state: AdmissionState,
  load: ServerLoad,
  own: { readonly inUse: number; readonly waiting: number },
): AdmissionState {
  const preempted = state.preemptions !== null && load.preemptions > state.preemptions;
  const refused = state.rejections !== null && load.rejections > state.rejections;
  const queued = load.waiting > Math.max(1, load.running * 0.1);
  const full = (load.kvUsage ?? 0) >= 0.95;
  const { preemptions, rejections } = load;
  const seen = { preemptions, rejections };
  if (preempted || refused || queued || full) {
    if (state.coolDown === coolDownLooks) return { ...state, ...seen, coolDown: state.coolDown - 1 };
    const reason = preempted
      ? 'requests were preempted'
      : refused
        ? 'requests were refused'
        : queued
          ? `${load.waiting} requests wait`
          : 'KV cache full';
    const slots = Math.max(1, Math.floor(Math.min(state.slots, Math.max(own.inUse, 1)) * 0.75));
    return { slots, coolDown: coolDownLooks, ...seen, reason };
  }
  const saturated = own.inUse >= state.slots || own.waiting > 0;
  const roomy = load.waiting === 0 && (load.kvUsage ?? 0) < 0.8;
  if (state.coolDown > 0 || !saturated || !roomy) {
    return { ...state, coolDown: Math.max(0, state.coolDown - 1), ...seen };
  }
  const slots = Math.min(mostSlots, state.slots + Math.max(1, Math.ceil(state.slots / 4)));
  return { slots, coolDown: 0, ...seen, reason: 'all slots in use, server not full' };
}

/**
 * Follows a server's /metrics until the signal aborts, for the watch over its engine and, where it `resizes`, for the number
 * of slots; without metrics the number stays where it is.
 */
export async function followLoad(
  { address, slots, engine }: Followed,
  options: {
    readonly resizes: boolean;
    readonly pollMs: number;
    readonly signal: AbortSignal;
    readonly onEvent: (event: ModelEvent) => void;
  },
): Promise<void> {
  let state: AdmissionState = {
    slots: slots.limit,
    coolDown: 0,
    preemptions: null,
    rejections: null,
    reason: '',
  };
  try {
    for (;;) {
      await sleep(options.pollMs, options.signal);
      if (slots.inUse === 0) {
        engine.see(null);
        continue;
      }
      const load = await getServerLoad(address, 2000, options.signal);
      // A server that told its figures and does not answer any more shows no work: the time goes on.
      if (load === null) continue;
      engine.see(load);
      if (!options.resizes) continue;
      state = nextAdmission(state, load, slots);
      if (state.slots === slots.limit) continue;
      slots.resize(state.slots);
      options.onEvent({
        kind: 'slots-change',
        baseUrl: address.baseUrl,
        slots: state.slots,
        reason: state.reason,
      });
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
