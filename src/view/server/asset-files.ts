import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A style sheet or script of ours, under a name that changes with its content. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export interface Assets {
  readonly style: Asset;
  readonly script: Asset;
}

/** Style sheets in the order that they are joined in. */
const sheets = ['base.css', 'tables.css', 'trial.css', 'grid.css'];

export function loadAssets(): Assets {
  return {
    style: asset('view', 'css', sheets.map(readAsset).join('\n')),
    script: asset('view', 'js', readAsset('view.js')),
  };
}

function readAsset(name: string): string {
  return readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8');
}

function asset(name: string, kind: 'css' | 'js', text: string): Asset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { name: `${name}.${hash}.${kind}`, type: kind === 'css' ? 'text/css' : 'text/javascript', text };
}
