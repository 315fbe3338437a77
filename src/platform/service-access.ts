// Assembles what decides who may call the service: keys, sessions of the console, tokens and limits.

import type { LimitName } from '../http/middleware/limits.ts';
import { tokenBuckets } from '../http/middleware/token-buckets.ts';
import { createConsoleSessions } from '../keys/console-session.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { createKeyUses } from '../keys/key-uses.ts';
import { createVerdictTokens } from '../keys/verdict-token.ts';
import type { Database } from '../storage/database.ts';
import { createKeyRepository } from '../storage/sqlite/key-repository.ts';
import { createKeyUseRepository } from '../storage/sqlite/key-use-repository.ts';
import { createSessionRepository } from '../storage/sqlite/session-repository.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';
import { limitAlsoBy } from './platform-limit.ts';
import type { Runtime } from './runtime.ts';

export interface AccessRuntime
  extends Pick<Runtime, 'settings' | 'database' | 'tokenMac' | 'platformLimits'> {
  /** For the counts of uses, which no request waits for. */
  readonly background: Database;
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
}

export function createServiceAccess(runtime: AccessRuntime) {
  const { settings, database, background, tokenMac, platformLimits = {}, now, log } = runtime;
  const { adminKey } = settings;
  const keyStore = createKeyStore({ repository: createKeyRepository(database), sha256: sha256Hex, now });
  const keyRing = createKeyRing({
    store: keyStore,
    sha256: sha256Hex,
    now,
    adminKey,
    timeoutMs: settings.validateTimeoutMs,
  });
  const keyUses = createKeyUses({
    repository: createKeyUseRepository(background),
    now,
    onFailure: (error) => log({ level: 'error', event: 'key_uses_failed', ...describedError(error) }),
  });
  const sessions = createConsoleSessions({
    repository: createSessionRepository(database),
    ...{ keyStore, keyRing, adminKey, mac: tokenMac, sha256: sha256Hex, now },
  });
  const limiter = (name: LimitName) =>
    limitAlsoBy(platformLimits[name], tokenBuckets(settings.limits[name], now));
  return {
    ...{ keyStore, keyRing, keyUses, sessions },
    tokens: createVerdictTokens(tokenMac, now),
    limiters: {
      secret_key: limiter('secret_key'),
      publishable_key: limiter('publishable_key'),
      publishable_ip: limiter('publishable_ip'),
      key_lookup_ip: limiter('key_lookup_ip'),
    },
  };
}
