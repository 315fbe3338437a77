// The Content-Security-Policy of the pages outside the console, and of those that have their style inside.

/** The Content-Security-Policy of pages with a script and a style of their own: they load nothing from other origins. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The Content-Security-Policy of a page without scripts that has its own `<style>`, so that it can be saved as one file. Only this
 * style applies: a style that a name or a cell brings in has another hash.
 */
export async function ownStylePolicy(page: string): Promise<string> {
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
}
