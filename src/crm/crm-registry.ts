// The supported CRMs.

import type { CrmAdapter } from './crm-adapter.ts';
import { customerIo } from './customer-io.ts';
import { hubspot } from './hubspot.ts';
import { hubspotAction } from './hubspot-action.ts';
import { klaviyo } from './klaviyo.ts';
import { mailchimp } from './mailchimp.ts';
import { pipedrive } from './pipedrive.ts';
import { salesforce } from './salesforce.ts';

export const crmAdapters: readonly CrmAdapter[] = [
  customerIo,
  hubspot,
  hubspotAction,
  klaviyo,
  mailchimp,
  pipedrive,
  salesforce,
];
