// The suppression list of one workspace. It hashes addresses, looks up their entries in a repository, and decides which
// entries may be removed. Removing an entry is also called lifting it.

import { auditEntry } from '../audit/audit.ts';
import { type AddressHasher, personKey, suppressionKey } from './address-hash.ts';
import { decisiveEntry, defaultScope, type MailQuestion, marketingMail } from './scope.ts';
import type {
  AddCounts,
  AddressHashes,
  Consent,
  HashedSuppression,
  Incident,
  NewSuppression,
  RemoveOutcome,
  RemoveRefusal,
  Suppression,
  SuppressionEntry,
  SuppressionList,
  SuppressionMatch,
  SuppressionRepository,
} from './suppressions.ts';

/** Maximum number of entries on one page of `list`. */
const listedAtMost = 5_000;
/** Number of entries on one page if the caller gives no `limit`. */
const listedByDefault = 100;

/** Maximum number of bounce entries that `liftIncident` removes in one transaction. */
const liftedAtOnce = 1_000;

/** Milliseconds by which the clock that dated a consent may differ from the clock of this service. */
const clockSkewMs = 5 * 60_000;

type Found = SuppressionMatch | null;

/**
 * Creates the suppression list. Its entries are in `repository`, and `hasher` hashes the addresses with a secret key. `now`
 * returns epoch milliseconds.
 */
export function createSuppressionList({
  repository,
  hasher,
  now,
}: {
  readonly repository: SuppressionRepository;
  readonly hasher: AddressHasher;
  readonly now: () => number;
}): SuppressionList {
  const { keyId } = hasher;

  function hashAll(addresses: readonly string[]): AddressHashes[] | Promise<AddressHashes[]> {
    const texts = addresses.map(suppressionKey);
    const personAt = addresses.map((address) => {
      const key = personKey(address);
      return key === null ? null : texts.push(key) - 1;
    });
    const hashes = hasher.hashAll(texts);
    const pair = (all: readonly string[]) =>
      personAt.map((at, index) => ({ exact: all[index]!, person: at === null ? null : all[at]! }));
    return hashes instanceof Promise ? hashes.then(pair) : pair(hashes);
  }

  function findHashes(asked: readonly AddressHashes[], question: MailQuestion): Found[] | Promise<Found[]> {
    const entries = repository.find(keyId, asked, now());
    const decide = (each: readonly (readonly SuppressionEntry[])[]) =>
      each.map((of) => matchOf(of, question));
    return entries instanceof Promise ? entries.then(decide) : decide(entries);
  }

  async function entriesOf(address: string): Promise<readonly SuppressionEntry[]> {
    return (await repository.find(keyId, await hashAll([address]), now()))[0]!;
  }

  async function addMany(entries: readonly NewSuppression[]): Promise<AddCounts> {
    const hashes = await hashAll(entries.map(({ address }) => address));
    return addHashed(
      entries.map((entry, index) => ({
        ...entry,
        addressHash: hashes[index]!.exact,
        personHash: hashes[index]!.person,
      })),
    );
  }

  async function addHashed(entries: readonly HashedSuppression[]): Promise<AddCounts> {
    const moment = now();
    const stored = entries.map(
      ({ addressHash, personHash, scope, reason, status, source, since, expiresAt, contact }) => ({
        keyId,
        addressHash,
        personHash: personHash ?? null,
        scope: scope ?? defaultScope(reason),
        reason,
        status: status ?? null,
        source: withoutAddresses(source ?? null),
        since: since ?? moment,
        expiresAt: expiresAt ?? null,
        contact: contact?.includes('@') ? null : (contact ?? null),
      }),
    );
    return repository.add(stored, moment);
  }

  return {
    find(addresses, question = marketingMail) {
      const hashes = hashAll(addresses);
      return hashes instanceof Promise
        ? hashes.then((asked) => findHashes(asked, question))
        : findHashes(hashes, question);
    },

    keyId,

    async entriesOf(address) {
      return (await entriesOf(address)).map(shown);
    },

    addMany,

    addHashed,

    async add(entry) {
      const counts = await addMany([entry]);
      return counts.added === 1 ? 'added' : counts.updated === 1 ? 'updated' : 'unchanged';
    },

    async remove({ address, scope, consent, by }) {
      for (;;) {
        const entries = (await entriesOf(address)).filter(
          (entry) => scope === undefined || entry.scope === scope,
        );
        const outcome = removal(entries, consent, now());
        if (outcome.kind !== 'removed') return outcome;
        const removedAt = now();
        const [{ exact }] = (await hashAll([address])) as [AddressHashes];
        const lifted = await repository.lift(entries, {
          removedAt,
          audit: auditEntry(by, 'suppression_lifted', { at: removedAt, subject: exact }),
          ground: consent.kind,
          groundAt: consent.at,
          evidence: withoutAddresses(consent.evidence),
        });
        // An entry that changed after it was read, for example by a complaint, was not lifted. In this case, read and decide
        // again.
        if (lifted === entries.length) return outcome;
      }
    },

    async resubscribe({ address, scope, source, at, reasons = ['unsubscribe'] }) {
      const isUndone = ({ reason, source: from }: Suppression) =>
        (reason === 'unsubscribe' || (reason === 'manual' && from === source)) && reasons.includes(reason);
      const entries = (await entriesOf(address)).filter(
        (entry) => entry.scope === scope && entry.since <= at && isUndone(entry),
      );
      if (entries.length === 0) return false;
      const record = { removedAt: now(), ground: 'resubscribe', groundAt: at } as const;
      return (await repository.lift(entries, { ...record, evidence: withoutAddresses(source) })) > 0;
    },

    async softEntriesOf(addressHashes) {
      const asked = addressHashes.map((exact) => ({ exact, person: null }));
      const found = await repository.find(keyId, asked, now());
      return found.flatMap((entries, index) =>
        entries.filter(
          ({ addressHash, reason, expiresAt }) =>
            addressHash === addressHashes[index] && reason === 'bounce' && expiresAt !== null,
        ),
      );
    },

    async liftDisproved(entries, at) {
      const record = { removedAt: now(), ground: 'delivery', groundAt: at } as const;
      return repository.lift(entries, { ...record, evidence: 'delivery that was reported late' });
    },

    countIncident: (incident) => repository.countIncident(keyId, incident, now()),

    async liftIncident(incident, by) {
      const evidence = withoutAddresses(incidentText(incident));
      let total = 0;
      for (;;) {
        const entries = await repository.findIncident(keyId, incident, liftedAtOnce, now());
        if (entries.length === 0) return total;
        const at = now();
        const audit = auditEntry(by, 'incident_lifted', { at });
        const record = { removedAt: at, ground: 'incident', groundAt: at, evidence, audit } as const;
        total += await repository.lift(entries, record);
      }
    },

    async list({ cursor, limit = listedByDefault } = {}) {
      const after = cursor === undefined ? null : readCursor(cursor);
      if (after === undefined) return { kind: 'bad_cursor' };
      const size = Math.min(Math.max(Math.trunc(limit), 1), listedAtMost);
      // One row more than requested: if it exists, there is a next page.
      const rows = await repository.page(after, size + 1, now());
      const entries = rows.slice(0, size);
      return { kind: 'page', entries, next: rows.length > size ? cursorAfter(entries.at(-1)!) : null };
    },

    count: () => repository.count(now()),

    otherKeyIds: () => repository.otherKeyIds(keyId),
  };
}

const shown = ({ scope, reason, status, source, since }: SuppressionEntry): Suppression => ({
  scope,
  reason,
  status,
  source,
  since,
});

function matchOf(entries: readonly SuppressionEntry[], question: MailQuestion): Found {
  if (entries.length === 0) return null;
  const decisive = decisiveEntry(entries, question);
  return decisive === null ? null : { ...shown(decisive.entry), effect: decisive.effect };
}

/** Decides whether all entries of an address may be lifted. If one of them may not, none is lifted. */
function removal(entries: readonly SuppressionEntry[], consent: Consent, now: number): RemoveOutcome {
  for (const entry of entries) {
    const why = refusal(entry, consent, now);
    if (why !== null) return { kind: 'refused', why };
  }
  const decisive = decisiveEntry(entries, marketingMail)?.entry ?? entries[0];
  return decisive === undefined ? { kind: 'not_listed' } : { kind: 'removed', entry: shown(decisive) };
}

function refusal(entry: Suppression, consent: Consent, now: number): RemoveRefusal | null {
  if (entry.reason === 'complaint') return 'complaint';
  if (consent.at + clockSkewMs < entry.since) return 'consent_not_fresh';
  if (consent.at > now + clockSkewMs) return 'consent_in_future';
  if (consent.evidence.trim() === '') return 'evidence_missing';
  return null;
}

const incidentText = ({ from, to, mailHost, ...properties }: Incident): string =>
  JSON.stringify({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...properties,
    mail_host: mailHost,
  });

/** Returns the cursor of the page after `entry`. The scope comes last, because the list name in it may contain dots. */
const cursorAfter = ({ keyId, addressHash, scope }: SuppressionEntry) =>
  `${keyId}.${addressHash}.${encodeURIComponent(scope)}`;

type CursorPlace = Pick<SuppressionEntry, 'keyId' | 'addressHash' | 'scope'>;

/**
 * Reads a cursor that `cursorAfter` wrote; undefined if the text is not a cursor. Earlier versions wrote cursors without a
 * scope. Such a cursor gets the scope `~`, which sorts after every scope, so the page begins with the next address hash.
 */
function readCursor(cursor: string): CursorPlace | undefined {
  const parts = /^([0-9a-f]{8})\.([0-9a-f]{64})(?:\.([\w.~!*'()%-]*))?$/.exec(cursor);
  if (parts === null) return undefined;
  try {
    const scope = decodeURIComponent(parts[3] ?? '~') as CursorPlace['scope'];
    return { keyId: parts[1]!, addressHash: parts[2]!, scope };
  } catch {
    return undefined;
  }
}

/** Replaces e-mail addresses in free text by `[address]`, because the database must not contain addresses. */
function withoutAddresses<T extends string | null>(text: T): T | string {
  return text?.includes('@') ? text.replace(/[^\s<>"',;:@]{1,64}@[^\s<>"',;:@]+/gu, '[address]') : text;
}
