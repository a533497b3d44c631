/** An IPv4 address as a number. */
export function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The address that a number stands for. */
export function ipv4Text(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** A range's first address and how many it has; null for what is none, or does not begin with its first. */
export function ipv4Range(range: string): { readonly first: number; readonly size: number } | null {
  const [, address = '', bits = ''] = /^(\d+(?:\.\d+){3})\/(\d{1,2})$/.exec(range) ?? [];
  const isAddress = address.split('.').length === 4 && address.split('.').every((part) => Number(part) < 256);
  if (!isAddress || Number(bits) > 32) return null;
  const size = 2 ** (32 - Number(bits));
  const first = ipv4Number(address);
  return first % size === 0 ? { first, size } : null;
}
