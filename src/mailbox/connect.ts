// The port through which the SMTP client reaches a mail host. The adapters are in transport/.

/** Where to connect to. The address is public and was looked up before; an adapter never looks up a name. */
export interface ConnectTarget {
  /** The name of the mail host, in lower-case A-labels. It is the server name for TLS. */
  readonly host: string;
  /** An IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
}

/** A connection of bytes. Nothing here throws or rejects: a broken connection reads as a closed one. */
export interface SmtpStream {
  /** Resolves to the next bytes; null once the connection is closed or broken. Call it again only after it has resolved. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): void;
  /**
   * Starts TLS without checking the certificate, as opportunistic encryption does (RFC 7435). Resolves to the encrypted
   * stream; null if the handshake fails. The stream itself must not be used afterwards, and a pending `read` resolves to null.
   */
  startTls(serverName: string): Promise<SmtpStream | null>;
  /** Closes the connection. A pending `read` resolves to null. */
  close(): void;
}

/** Why there is no connection. `proxy`: the proxy itself failed or refused, so nothing is known about the mail host. */
export type ConnectFailure = 'refused' | 'unreachable' | 'timeout' | 'proxy';

export type Connected =
  | { readonly kind: 'connected'; readonly stream: SmtpStream }
  | { readonly kind: 'failed'; readonly cause: ConnectFailure };

/** Connects to a mail host. The attempt ends when `signal` aborts. Never rejects. */
export type Connect = (target: ConnectTarget, signal: AbortSignal) => Promise<Connected>;
