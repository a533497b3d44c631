import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Who may ask: browsers of this machine; others with the token. */
export interface WhoMayAsk {
  /** The address that is listened on. */
  readonly host: string;
  /** Null on loopback, where none is needed. */
  readonly token: string | null;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Nothing but our own files; no frame, no form that leaves, no address that relative links could be bent with. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};

/**
 * Turns away what a page of another origin sends: a name that was rebound to this address (Host), a request of
 * another page (Origin, Sec-Fetch-Site of anything but a link that a person followed), and whatever changes something.
 */
export function guard(options: WhoMayAsk): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req;
    const host = context.req.header('host') ?? '';
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    const isForeign = site === 'cross-site' && context.req.header('sec-fetch-mode') !== 'navigate';
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    if (method !== 'GET' && method !== 'HEAD') return context.text('only reading is possible\n', 405);
    if (!isOwnHost(host, options)) return context.text(`this viewer does not answer for ${host}\n`, 421);
    if (isForeign || (origin !== undefined && origin !== `http://${host}`))
      return context.text('pages of other origins get nothing\n', 403);
    if (options.token !== null) {
      const asked = context.req.query('token');
      if (asked !== undefined && isSame(asked, options.token)) {
        setCookie(context, cookieName, options.token, { httpOnly: true, sameSite: 'Strict', path: '/' });
        return context.redirect(context.req.path);
      }
      if (!isSame(getCookie(context, cookieName) ?? '', options.token))
        return context.text('open the address with its token, as the viewer printed it\n', 401);
    }
    return next();
  };
}

const cookieName = 'tbench_view';

function isOwnHost(host: string, { host: own, token }: WhoMayAsk): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (loopback.includes(name) || name === own.toLowerCase()) return true;
  // A numeric address is no rebound name, and a browser sends the token's cookie only to the name that it was set for.
  return token !== null && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
