// The URL under which a service is reached.

/**
 * Returns the URL of a service without a slash at its end. `endpoint` is that URL, such as `https://presend.example.com`, or the
 * URL of its API (`…/v1`, `…/v1/validate`).
 */
export const serviceUrl = (endpoint: string | URL): string =>
  String(endpoint)
    .replace(/\/+$/, '')
    .replace(/\/v1(\/validate)?$/, '');
