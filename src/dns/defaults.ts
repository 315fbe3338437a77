// The public resolvers that are used by default, in order of preference. All support DNS over HTTPS (RFC 8484).

export const defaultDohUrls: readonly string[] = [
  // Cloudflare: free for anyone, without key or contract. It deletes the IP addresses of clients within 25 hours.
  // https://developers.cloudflare.com/1.1.1.1/terms-of-use/
  'https://cloudflare-dns.com/dns-query',
  // Google: free, without key. One IP address may send 1,500 queries a second, or more on request. The full IP addresses
  // of clients are kept for 24 to 48 hours. https://developers.google.com/speed/public-dns/docs/isp
  'https://dns.google/dns-query',
  // Quad9, a Swiss foundation that does not store the IP addresses of clients. This is its service without a block list:
  // the usual one, dns.quad9.net, answers NXDOMAIN for a blocked domain, although the domain exists.
  // https://quad9.net/privacy/policy/
  'https://dns10.quad9.net/dns-query',
];
