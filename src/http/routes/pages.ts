// The page at / with its assets, those of the pages /docs and /preflight, the script of the console, and the form widget that other
// sites load.

import { type Context, Hono } from 'hono';

import type { Asset } from '../pages/widget-assets.ts';

type Assets = typeof import('../pages/widget-assets.ts');

const script = 'text/javascript; charset=utf-8';

/** Returns a handler that serves one asset. The module with all assets is loaded on the first request. */
const asset = (pick: (assets: Assets) => Asset, headers: Record<string, string>) => async (c: Context) => {
  const { text, etag } = pick(await import('../pages/widget-assets.ts'));
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    // A proxy that compresses a response makes its ETag weak: it adds the prefix W/.
    .some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, '')));
  return known ? c.body(null, 304, { ...headers, etag }) : c.body(text, 200, { ...headers, etag });
};

/**
 * Headers of the files of the widget, which pages of other origins load. They allow CORS, because browsers load a module from
 * another origin only with CORS.
 */
const forAnyOrigin = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
};

/** Headers of the files of our own pages. Browsers revalidate them each time, so they have the same version as their page. */
const forOurPage = { 'cache-control': 'no-cache' };

export const pageRoutes = () =>
  new Hono()
    .get('/', async (c) => {
      const { homePage } = await import('../pages/home.ts');
      const { pagePolicy } = await import('../pages/page-policy.ts');
      c.header('content-security-policy', pagePolicy);
      c.header('cache-control', 'no-cache');
      return c.html(homePage());
    })
    .get('/favicon.svg', async (c) => {
      const { favicon } = await import('../pages/mark.ts');
      return c.body(favicon, 200, {
        'content-type': 'image/svg+xml',
        'cache-control': 'public, max-age=86400',
      });
    })
    .get(
      '/try.js',
      asset((assets) => assets.tryScript, { ...forOurPage, 'content-type': script }),
    )
    .get(
      '/try.css',
      asset((assets) => assets.tryStyle, { ...forOurPage, 'content-type': 'text/css; charset=utf-8' }),
    )
    .get(
      '/console.js',
      asset((assets) => assets.consoleScript, { ...forOurPage, 'content-type': script }),
    )
    .get(
      '/docs.js',
      asset((assets) => assets.docsScript, { ...forOurPage, 'content-type': script }),
    )
    .get(
      '/docs.css',
      asset((assets) => assets.docsStyle, { ...forOurPage, 'content-type': 'text/css; charset=utf-8' }),
    )
    .get('/preflight', async (c) => {
      const { preflightPage } = await import('../pages/preflight.ts');
      const { pagePolicy } = await import('../pages/page-policy.ts');
      c.header('content-security-policy', pagePolicy);
      c.header('cache-control', 'no-cache');
      return c.html(preflightPage());
    })
    .get(
      '/preflight.js',
      asset((assets) => assets.preflightScript, { ...forOurPage, 'content-type': script }),
    )
    .get(
      '/preflight.css',
      asset((assets) => assets.preflightStyle, { ...forOurPage, 'content-type': 'text/css; charset=utf-8' }),
    )
    .get(
      '/presend.js',
      asset((assets) => assets.widgetScript, { ...forAnyOrigin, 'content-type': script }),
    )
    .get(
      '/presend.mjs',
      asset((assets) => assets.widgetModule, { ...forAnyOrigin, 'content-type': script }),
    )
    .get(
      '/presend.d.ts',
      asset((assets) => assets.widgetTypes, {
        ...forAnyOrigin,
        'content-type': 'text/plain; charset=utf-8',
      }),
    );
