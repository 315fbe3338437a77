// Reads the URL of a SOCKS5 proxy.

export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  readonly user: { readonly name: string; readonly password: string } | null;
}

/**
 * Reads a URL such as `socks5://user:password@proxy.example.net:1080`. Null for any other text, and for a user name or password
 * of more than 255 bytes.
 */
export function socksProxy(text: string): SocksProxy | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'socks5:' || url.hostname === '' || !/^\/?$/.test(url.pathname)) return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? 1080 : Number(url.port);
  if (url.username === '') return { host, port, user: null };
  const [name, password] = [decoded(url.username), decoded(url.password)];
  return name === null || password === null ? null : { host, port, user: { name, password } };
}

function decoded(text: string): string | null {
  try {
    const plain = decodeURIComponent(text);
    return new TextEncoder().encode(plain).length <= 255 ? plain : null;
  } catch {
    return null;
  }
}
