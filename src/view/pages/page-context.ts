import { rootOf } from '../address.js';
import type { Assets } from '../server/asset-files.js';

/** What every page is made with. */
export interface PageContext {
  /** Its own address. */
  readonly address: string;
  readonly assets: Assets;
  /** The results folder, as a person knows it. */
  readonly results: string;
  /** False in an export: nothing there changes any more. */
  readonly isServed: boolean;
  /** The way to another page from this one. */
  readonly to: (address: string) => string;
}

export function pageContext(
  address: string,
  made: Pick<PageContext, 'assets' | 'results' | 'isServed'>,
): PageContext {
  const root = rootOf(address);
  return { ...made, address, to: (other) => `${root}${other}` };
}
