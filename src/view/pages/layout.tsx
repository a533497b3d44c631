import type { Child, FC } from 'hono/jsx';
import { addresses } from '../address.js';
import type { PageContext } from './page-context.js';

export interface Crumb {
  readonly text: string;
  /** Null for the page itself. */
  readonly address: string | null;
}

interface LayoutProps {
  readonly page: PageContext;
  readonly title: string;
  readonly crumbs: readonly Crumb[];
  /** Address of the events that say that this page changed; null for what does not change. */
  readonly live: string | null;
  readonly children?: Child;
}

/** The frame of every page: head, way back, content. No inline script or style: the policy forbids both. */
export const Layout: FC<LayoutProps> = ({ page, title, crumbs, live, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      {page.isServed ? null : <meta http-equiv="Content-Security-Policy" content={filePolicy} />}
      <title>{title} · tbench</title>
      <link rel="stylesheet" href={page.to(addresses.asset(page.assets.style.name))} />
      <script defer src={page.to(addresses.asset(page.assets.script.name))}></script>
    </head>
    <body data-root={page.to('')} data-live={page.isServed && live !== null ? page.to(live) : undefined}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={page.to(addresses.jobs)}>
          tbench
        </a>
        <nav aria-label="Where you are">
          <ol>
            {crumbs.map((crumb) => (
              <li>
                {crumb.address === null ? (
                  <span aria-current="page">{crumb.text}</span>
                ) : (
                  <a href={page.to(crumb.address)}>{crumb.text}</a>
                )}
              </li>
            ))}
          </ol>
        </nav>
        {page.isServed && live !== null ? (
          <span class="live" role="status">
            live
          </span>
        ) : null}
      </header>
      <main id="main" tabindex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>
          <kbd>/</kbd> search <kbd>j</kbd>
          <kbd>k</kbd> next, previous <kbd>Enter</kbd> open <kbd>u</kbd> up <kbd>?</kbd> all keys
        </p>
      </footer>
      <KeyList />
    </body>
  </html>
);

const KeyList: FC = () => (
  <dialog id="keys" aria-labelledby="keys-title">
    <h2 id="keys-title">Keys</h2>
    <dl>
      {keys.map(([key, what]) => (
        <>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </>
      ))}
    </dl>
    <form method="dialog">
      <button>Close</button>
    </form>
  </dialog>
);

/** Served pages have a policy in their header; files carry their own. A page from disk names its neighbours by `file:`. */
const filePolicy =
  "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self'; base-uri 'none'; form-action 'none'";

const keys: readonly (readonly [string, string])[] = [
  ['/', 'search or filter this page'],
  ['j', 'next row or turn'],
  ['k', 'previous row or turn'],
  ['Enter', 'open the row'],
  ['n', 'next trial of the same task'],
  ['p', 'previous trial of the same task'],
  ['e', 'open every folded part'],
  ['u', 'up: from a trial to its job, from a job to all jobs'],
  ['?', 'this list'],
];
