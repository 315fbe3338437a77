// The Cloudflare Worker.
export default { fetch: (): Response => new Response('presend') };
