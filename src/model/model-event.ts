import type { RequestRetry } from './chat-model.js';

/** What happens between trials and servers that a person or a log wants to know. */
export type ModelEvent =
  | { readonly kind: 'request-retry'; readonly trial: string; readonly retry: RequestRetry }
  | {
      readonly kind: 'outage-start';
      readonly baseUrl: string;
      readonly message: string;
      readonly limitMs: number;
    }
  | { readonly kind: 'outage-end'; readonly baseUrl: string; readonly downMs: number }
  | { readonly kind: 'trial-move'; readonly trial: string; readonly from: string; readonly to: string }
  | {
      readonly kind: 'slots-change';
      readonly baseUrl: string;
      readonly slots: number;
      readonly reason: string;
    }
  /** An answer in text of which the server did not give everything that it counted. */
  | { readonly kind: 'hidden-tokens'; readonly trial: string; readonly hidden: number; readonly of: number }
  | { readonly kind: 'divergence'; readonly divergence: Divergence };

/** A replayed trial saw something else than the recorded one did. */
export interface Divergence {
  readonly task: string;
  readonly attempt: number;
  /** 1-based turn whose request differs. */
  readonly turn: number;
  readonly recorded: string;
  readonly seen: string;
}
