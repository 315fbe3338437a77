// The faults of DKIM signatures, and of the alignment of the message's domains.

import type { MessageFaultKind } from './message-finding.ts';

/** RFC 7372 and the codes of Gmail and Outlook, as for DKIM keys (dkim-faults.ts). */
const noSignature = ['5.7.20', '5.7.26', '5.7.515', '4.7.30'];
const notAuthenticated = ['5.7.26', '5.7.509', '5.7.515', '4.7.32'];

const signAgain = 'Sign the message after its last change';

export const signatureFaultKinds = {
  message_not_sent: {
    severity: 'info',
    meaning:
      'The message has no DKIM-Signature and no Received header, so it was probably saved before it was sent. Send it to yourself, save its source there, and check that copy too.',
    causes: [],
    type: 'signature',
    change: 'Check the copy that arrived',
  },
  message_unsigned: {
    severity: 'error',
    meaning:
      'Gmail, Yahoo and Outlook require a DKIM signature of bulk senders, and forwarded mail needs one.',
    causes: noSignature,
    type: 'signature',
    change: 'Turn on DKIM for your own domain at the sending service',
  },
  signature_body_changed: {
    severity: 'error',
    meaning:
      'The body is not the one that was signed. Something changed it after signing: a footer, a virus filter, or the program that saved this copy. If only the copy was changed, save the original source again.',
    causes: noSignature,
    type: 'signature',
    change: signAgain,
  },
  signature_invalid: {
    severity: 'error',
    meaning:
      'The signature does not match the signed headers, or the key in DNS is another one. Receivers treat the message as unsigned.',
    causes: noSignature,
    type: 'signature',
    change: signAgain,
  },
  signature_key_missing: {
    severity: 'error',
    meaning: 'Receivers find no usable key for the signature in DNS, so they treat the message as unsigned.',
    causes: noSignature,
    type: 'signature',
    change: 'Publish the key that the signing service shows you',
  },
  signature_malformed: {
    severity: 'error',
    meaning: 'Receivers cannot read the signature, so they treat the message as unsigned.',
    causes: noSignature,
    type: 'signature',
    change: 'Sign with a DKIM library, and do not edit the header',
  },
  signature_expired: {
    severity: 'error',
    meaning:
      'The signature says until when it is valid ("x="), and that time has passed. Delayed or old mail then counts as unsigned.',
    causes: noSignature,
    type: 'signature',
    change: 'Leave out "x=", or let signatures be valid for a week',
  },
  signature_from_not_signed: {
    severity: 'error',
    meaning:
      'A signature that does not cover From is not valid (RFC 6376), so receivers treat the message as unsigned.',
    causes: noSignature,
    type: 'signature',
    change: 'Add From to the signed headers (h=)',
  },
  signature_sha1: {
    severity: 'error',
    meaning: 'Receivers do not accept signatures with SHA-1 (RFC 8301).',
    causes: noSignature,
    type: 'signature',
    change: 'Sign with a=rsa-sha256',
  },
  signature_length_tag: {
    severity: 'warning',
    meaning:
      'With "l=", anyone can add text below what was signed, and the signature stays valid. Gmail and others distrust it, and spammers have used it.',
    causes: [],
    type: 'signature',
    change: 'Sign the whole body: leave out "l="',
  },
  signature_headers_not_signed: {
    severity: 'warning',
    meaning:
      'Headers that are not signed can be changed on the way, and the signature stays valid (RFC 6376 section 5.4).',
    causes: [],
    type: 'signature',
    change: ({ parts = [] }) => `Add ${parts.join(', ')} to the signed headers (h=)`,
  },
  signatures_many: {
    severity: 'warning',
    meaning: 'Receivers check only some signatures of a message. The one that counts may not be among them.',
    causes: [],
    type: 'signature',
    change: 'Sign once for your own domain, and at most once for the sending service',
  },
  message_nothing_aligned: {
    severity: 'error',
    meaning:
      'Neither the bounce domain nor a valid signature is aligned with the domain in From, so DMARC fails. Set up DKIM for your own domain at the sending service.',
    causes: notAuthenticated,
    type: 'signature',
    change: ({ about }) => `Sign with d=${about}`,
  },
  message_dkim_not_aligned: {
    severity: 'warning',
    meaning:
      'No valid signature is by the domain in From, so DMARC depends on SPF alone. SPF fails when mail is forwarded, and then DMARC fails too. Set up DKIM for your own domain at the sending service.',
    causes: notAuthenticated,
    type: 'signature',
    change: ({ about }) => `Sign with d=${about}`,
  },
  message_spf_not_aligned: {
    severity: 'info',
    meaning:
      'SPF passes for another domain than the one in From, so DMARC depends on DKIM alone. Set a bounce domain (return path) below your own domain at the sending service.',
    causes: notAuthenticated,
    type: 'header',
    change: ({ about }) => `A return path below ${about}, such as bounces.${about}`,
  },
  message_no_dmarc: {
    severity: 'warning',
    meaning:
      'The domain in From has no DMARC record, which Gmail, Yahoo and Outlook require of bulk senders. A preflight of the domain, not of the message, says what to publish.',
    causes: notAuthenticated,
    type: 'signature',
    change: ({ about }) => `Publish a DMARC record for ${about}`,
  },
} as const satisfies Readonly<Record<string, MessageFaultKind>>;

export type SignatureFaultCode = keyof typeof signatureFaultKinds;
