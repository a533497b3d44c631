const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/**
 * Sort key of a name in an APFS folder: the low 22 bits of CRC-32C over the case-folded, decomposed name in
 * UTF-32LE. Listing a folder on a Mac gives this order, and with it the published spreads of Terminal-Bench
 * 2.0 come out to two decimals; no portable order does.
 */
export function apfsKey(name: string): number {
  let crc = 0xffffffff;
  for (const character of name.normalize('NFD').toLowerCase()) {
    const point = character.codePointAt(0) ?? 0;
    for (const shift of [0, 8, 16, 24]) {
      crc = ((table[(crc ^ (point >>> shift)) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
    }
  }
  return crc & 0x3fffff;
}
