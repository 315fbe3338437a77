// The faults of DKIM keys: what each means, which bounces it causes, and what to publish instead. Most rows have no record to
// publish, because the key comes from the service that signs.

import { type FaultKind, txtRecord } from './finding.ts';

/** RFC 7372: no passing DKIM signature (20), no acceptable one (21), several authentication checks failed (26). */
const noSignature = ['5.7.20', '5.7.26', '5.7.515', '4.7.30'];

export const dkimFaultKinds = {
  dkim_missing: {
    severity: 'error',
    meaning:
      'Receivers cannot verify signatures made with this selector, so they treat your mail as unsigned. Publish the key that the signing service shows you, or correct the selector.',
    causes: noSignature,
  },
  dkim_alias_broken: {
    severity: 'error',
    meaning:
      'The CNAME record leads to a name that has no key. The service may have removed the key, or the target is misspelled. Copy the target from the service again.',
    causes: noSignature,
  },
  dkim_not_found: {
    severity: 'info',
    meaning:
      'DNS cannot list all selectors, so your mail may be signed with a selector that presend did not try. Look for "s=" in the DKIM-Signature of a message that you sent, and give that selector.',
    causes: [],
  },
  dkim_guessed_key: {
    severity: 'info',
    meaning:
      'You did not name this selector: presend tried it, because many senders use the name. If your mail is signed with this selector, the signatures fail or will fail. If not, the selector is an old one and does no harm. Look for "s=" in the DKIM-Signature of a message that you sent, and give that selector.',
    causes: [],
  },
  dkim_several: {
    severity: 'error',
    meaning:
      'A selector may have only one key. Each receiver picks one of the records, so some signatures fail.',
    causes: noSignature,
  },
  dkim_revoked: {
    severity: 'error',
    meaning:
      'An empty key says that the key was withdrawn. Signatures made with it fail. Sign with another selector.',
    causes: noSignature,
  },
  dkim_invalid: {
    severity: 'error',
    meaning:
      'Receivers cannot use the key, so signatures made with it fail. Often a part of the key was lost when it was copied. Copy it from the signing service again.',
    causes: noSignature,
  },
  dkim_key_short: {
    severity: 'error',
    meaning:
      'Receivers do not accept RSA keys of less than 1024 bits (RFC 8301). Create a key of 2048 bits under a new selector.',
    causes: noSignature,
  },
  dkim_key_weak: {
    severity: 'warning',
    meaning:
      'Receivers still accept RSA keys of 1024 bits, but such keys are no longer considered safe. Create a key of 2048 bits under a new selector.',
    causes: [],
  },
  dkim_ed25519_alone: {
    severity: 'warning',
    meaning:
      'Many receivers do not verify Ed25519 signatures yet. Sign with an RSA key of 2048 bits too (RFC 8463).',
    causes: noSignature,
  },
  dkim_testing: {
    severity: 'warning',
    meaning:
      'The flag says that you are testing DKIM. Some receivers then treat signed mail as unsigned. Remove the flag when your mail is signed.',
    causes: ['5.7.20'],
    publish: ({ about, record = '' }) => txtRecord(about, withoutTesting(record)),
  },
  dkim_syntax: {
    severity: 'info',
    meaning: 'Most receivers accept such a record, but strict receivers ignore the key.',
    causes: ['5.7.20'],
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type DkimFaultCode = keyof typeof dkimFaultKinds;

/** The record without the flag `y`; without the tag `t` if it has no other flag. */
const withoutTesting = (record: string): string =>
  record
    .split(';')
    .flatMap((tag) => {
      const [, name, flags] = /^(\s*t\s*=)(.*)$/.exec(tag) ?? [];
      if (flags === undefined) return [tag];
      const others = flags.split(':').filter((flag) => flag.trim().toLowerCase() !== 'y');
      return others.length === 0 ? [] : [`${name}${others.join(':')}`];
    })
    .join(';');
