/** Names that a sandbox asked for, each with an address of its own that stands for it. */
export interface NameBook {
  /** Null when the book is full. */
  addressOf(name: string): string | null;
  nameOf(address: string): string | null;
}

const mostNames = 16_384;

/**
 * Addresses of 198.18.0.0/15, which RFC 2544 keeps for measurements and nobody routes: a connection to one says which name was
 * meant, whatever protocol is spoken on it.
 */
export function openNameBook(): NameBook {
  const names: string[] = [];
  const places = new Map<string, number>();
  return {
    addressOf: (name) => {
      const place = places.get(name) ?? names.length;
      if (place >= mostNames) return null;
      if (place === names.length) {
        names.push(name);
        places.set(name, place);
      }
      // The first address of each block of 256 is left out.
      return `198.18.${Math.floor(place / 255)}.${(place % 255) + 1}`;
    },
    nameOf: (address) => {
      const [, block, last] = /^198\.18\.(\d+)\.(\d+)$/.exec(address) ?? [];
      return block === undefined ? null : (names[Number(block) * 255 + Number(last) - 1] ?? null);
    },
  };
}
