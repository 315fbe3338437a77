// Mail hosts whose STARTTLS fails. Encryption is opportunistic (RFC 7435), so such a host is asked without it, as Postfix does.

import { hourMs } from '../durations.ts';

/** How long a host is not asked for STARTTLS again; a guess. */
const rememberedMs = hourMs;
const most = 10_000;

export class HostsWithoutTls {
  readonly #until = new Map<string, number>();

  has(host: string, now: number): boolean {
    return (this.#until.get(host) ?? 0) > now;
  }

  add(host: string, now: number): void {
    this.#until.delete(host);
    this.#until.set(host, now + rememberedMs);
    if (this.#until.size > most) this.#until.delete(this.#until.keys().next().value!);
  }

  delete(host: string): void {
    this.#until.delete(host);
  }
}
