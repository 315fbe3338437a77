// The public resolvers used by default, in this order. All support RFC 8484.

export const defaultDohUrls: readonly string[] = [
  // Cloudflare: free for anyone, no key and no contract. Client addresses are dropped within 25 hours.
  // https://developers.cloudflare.com/1.1.1.1/terms-of-use/
  'https://cloudflare-dns.com/dns-query',
  // Google: free, no key; limited to 1,500 queries a second from one IP address unless raised by request. Full client
  // addresses are kept for 24 to 48 hours. https://developers.google.com/speed/public-dns/docs/isp
  'https://dns.google/dns-query',
  // Quad9, the service without the threat block list: dns.quad9.net answers NXDOMAIN for a blocked domain, and a block
  // list entry does not prove that a domain does not exist. A Swiss foundation; client addresses are not stored.
  // https://quad9.net/privacy/policy/
  'https://dns10.quad9.net/dns-query',
];
