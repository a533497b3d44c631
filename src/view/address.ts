/**
 * Addresses of pages, relative to the viewer's root. They are file names too: an export writes the same pages under
 * the same names, so every name is made of letters that any file system and web server takes.
 */
export const addresses = {
  jobs: 'index.html',
  job: (job: string): string => `job/${toId(job)}.html`,
  /** The page of a trial, or of a part of it. */
  trial: (job: string, trial: string, { step, from = 1 }: TrialPart = {}): string => {
    const parts = [...(step == null ? [] : [`step-${toId(step)}`]), ...(from <= 1 ? [] : [`from-${from}`])];
    const below = parts.length === 0 ? '' : `/${parts.join(',')}`;
    return `trial/${toId(job)}/${toId(trial)}${below}.html`;
  },
  /** Where the whole conversation is searched; only a viewer that is served answers there. */
  find: (job: string, trial: string, step: string | null = null): string =>
    `find/${[job, trial].map(toId).join('/')}${step === null ? '' : `/step-${toId(step)}`}.html`,
  part: (job: string, trial: string, part: string, step: string | null = null): string =>
    `part/${toId(job)}/${toId(trial)}/${[part, ...(step === null ? [] : [step])].map(toId).join(',')}.txt`,
  file: (job: string, trial: string, path: string): string =>
    `file/${toId(job)}/${toId(trial)}/${toId(path)}.txt`,
  compare: (jobs: readonly string[]): string => `compare/${jobs.map(toId).join(',')}.html`,
  side: (a: TrialAddress, b: TrialAddress, step: string | null = null): string =>
    `side/${[a.job, a.trial, b.job, b.trial, ...(step === null ? [] : [step])].map(toId).join(',')}.html`,
  asset: (name: string): string => `assets/${name}`,
};

/** A step of a task of several, and the turn that a page begins with. */
export interface TrialPart {
  readonly step?: string | null;
  readonly from?: number;
}

/** What the last segment of a trial part's address means; null for one that no page of ours has. */
export function readTrialPart(id: string): TrialPart | null {
  const [, step, from] = /^(?:step-([\w.@~-]+))?,?(?:from-(\d{1,7}))?$/.exec(id) ?? [];
  if (step === undefined && from === undefined) return null;
  return { step: step === undefined ? null : fromId(step), from: Number(from ?? 1) };
}

export interface TrialAddress {
  readonly job: string;
  readonly trial: string;
}

/** A name or path as one safe segment: other bytes than letters, digits, `.`, `_`, `-` and `@` as `~` and two hex digits. */
export function toId(name: string): string {
  const escaped = (byte: number): string => `~${byte.toString(16).padStart(2, '0')}`;
  const id = [...Buffer.from(name)]
    .map((byte) => (/[\w.@-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : escaped(byte)))
    .join('');
  // No segment may mean the folder itself or the one above it.
  return /^\.*$/.test(id) ? `${id.replaceAll('.', '~2e')}~` : id;
}

/** The name behind an id; what is no id gives a name that nothing has. */
export function fromId(id: string): string {
  const bytes = id
    .replace(/~$/, '')
    .replace(/~([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The way from a page back to the root: `../` for each folder it lies in. */
export function rootOf(address: string): string {
  return '../'.repeat(address.split('/').length - 1);
}
