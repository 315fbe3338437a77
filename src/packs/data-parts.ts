// The parts of presend's data that a data pack can replace while the service runs. The rules for bounces, the homoglyphs and
// the widget are not among them: they belong to the code of a release.

import { roleNames } from '../address/local-part.ts';
import { nameRules } from '../address/name-rules.ts';
import { nonstandardProviders } from '../address/nonstandard-names.ts';
import type { DataPart } from '../data-part.ts';
import { imitatedDomains } from '../domain/confusable.ts';
import { disposableDomains, typicalWords } from '../domain/disposable.ts';
import { mailHostOperators } from '../domain/mail-host-facts.ts';
import { mailboxProviders } from '../domain/mailbox-provider.ts';
import { privacyRelays } from '../domain/relay.ts';
import { retirements } from '../domain/retired.ts';
import { typoDomains } from '../domain/typo/model.ts';
import { commonSuffixes } from '../domain/typo/suffix.ts';
import { mailboxPolicyTable } from '../mailbox/mailbox-policy.ts';

export const dataParts: readonly DataPart[] = [
  disposableDomains,
  typicalWords,
  mailboxProviders,
  privacyRelays,
  mailHostOperators,
  retirements,
  mailboxPolicyTable,
  roleNames,
  nameRules,
  nonstandardProviders,
  imitatedDomains,
  typoDomains,
  commonSuffixes,
];
