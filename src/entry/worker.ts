// The service on Cloudflare Workers: D1 behind the binding DB, settings and secrets in the environment.

import { defaultLimits, type LimitName } from '../http/limits.ts';
import { type D1Like, d1Database } from '../store/d1.ts';
import { webCryptoHasher } from '../suppression/web-crypto-hasher.ts';
import { tokenKeyOf } from './key-material.ts';
import type { PlatformLimit } from './platform-limit.ts';
import { createService } from './service.ts';
import { readSettings } from './settings.ts';

interface Environment extends Readonly<Record<string, unknown>> {
  readonly DB: D1Like;
}

type Service = ReturnType<typeof createService>;

/** Made at an isolate's first request, and kept as what it is, not as a promise: requests share no promises here. */
let service: Service | undefined;

export default {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    if (service === undefined) {
      const made = await makeService(environment);
      if ('mistakes' in made) return notConfigured(made.mistakes);
      service = made.service;
    }
    return service.fetch(request, environment);
  },
};

async function makeService(
  environment: Environment,
): Promise<{ service: Service } | { mistakes: readonly string[] }> {
  const outcome = readSettings(environment);
  if (!outcome.ok) return outcome;
  const { settings } = outcome;
  const mistakes: string[] = [];
  if (settings.addressHashKey === null)
    mistakes.push('ADDRESS_HASH_KEY is not set. Set it with: wrangler secret put ADDRESS_HASH_KEY');
  // A Worker is open to the whole internet; only `npm run dev:worker`, which listens on loopback, sets KEYLESS.
  if (settings.adminKey === null && environment['KEYLESS'] !== 'loopback')
    mistakes.push('ADMIN_KEY is not set. Set it with: wrangler secret put ADMIN_KEY');
  if (settings.addressHashKey === null || mistakes.length > 0) return { mistakes };
  const hasher = await webCryptoHasher(settings.addressHashKey);
  return {
    service: createService({
      settings,
      database: d1Database(environment.DB),
      hasher,
      tokenMac: await webCryptoHasher(await tokenKeyOf(settings, hasher)),
      keyless: settings.adminKey === null,
      // Cloudflare sets it, whatever the caller sends under that name.
      clientAddress: (c) => c.req.header('cf-connecting-ip') ?? '',
      platformLimits: platformLimits(environment),
      shareInFlight: false,
      log: (line) => console.log(JSON.stringify(line)),
    }),
  };
}

/** The rate-limit bindings that wrangler.toml names after limits. */
function platformLimits(environment: Environment): Partial<Record<LimitName, PlatformLimit>> {
  const names = Object.keys(defaultLimits) as LimitName[];
  const bound = names.filter((name) => environment[bindingOf(name)] !== undefined);
  return Object.fromEntries(bound.map((name) => [name, environment[bindingOf(name)] as PlatformLimit]));
}

/** `publishable_ip` is limited by LIMIT_PUBLISHABLE_IP. */
const bindingOf = (name: LimitName): string => `LIMIT_${name.toUpperCase()}`;

/** Told to the operator in the log; the caller learns only that it is not their fault. */
function notConfigured(mistakes: readonly string[]): Response {
  for (const mistake of mistakes)
    console.error(JSON.stringify({ level: 'error', event: 'not_configured', mistake }));
  return Response.json(
    { type: 'urn:presend:problem:not-configured', title: 'The service is not configured yet', status: 503 },
    { status: 503, headers: { 'content-type': 'application/problem+json' } },
  );
}
