/** Turns that are shown together, 1-based and inclusive. */
export interface TurnPage {
  readonly from: number;
  readonly to: number;
}

const mostTurns = 100;
const mostBytes = 6 * 1024 * 1024;

/** Deals turns to pages: 100 on each, fewer where they are long, so that no page takes seconds to make or to read. */
export function pagesOf(sizes: readonly number[]): TurnPage[] {
  const pages: { from: number; to: number }[] = [];
  let bytes = 0;
  sizes.forEach((size, index) => {
    const page = pages.at(-1);
    const isFull = page === undefined || page.to - page.from + 1 >= mostTurns || bytes + size > mostBytes;
    if (isFull) {
      pages.push({ from: index + 1, to: index + 1 });
      bytes = size;
    } else {
      page.to = index + 1;
      bytes += size;
    }
  });
  return pages.length === 0 ? [{ from: 1, to: 0 }] : pages;
}

/** The page that holds turn `from`; the last one for a turn behind all. */
export function pageStarting(pages: readonly TurnPage[], from: number): TurnPage {
  return pages.find((page) => from <= page.to) ?? pages.at(-1) ?? { from: 1, to: 0 };
}
