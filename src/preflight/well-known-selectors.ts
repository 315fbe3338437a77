// DKIM selectors that senders of mail use for all their customers. They are tried if the caller names no selector. Selectors
// that differ from customer to customer, such as those of Amazon SES, cannot be listed.

/** The selectors, the senders that use them, and the page of the sender that names them; null if the source is only practice. */
export const wellKnownSelectors: readonly {
  readonly selectors: readonly string[];
  readonly sender: string;
  readonly source: string | null;
}[] = [
  {
    selectors: ['google'],
    sender: 'Google Workspace',
    source: 'https://support.google.com/a/answer/180504',
  },
  {
    selectors: ['selector1', 'selector2'],
    sender: 'Microsoft 365',
    source: 'https://learn.microsoft.com/en-us/defender-office-365/email-authentication-dkim-configure',
  },
  {
    selectors: ['s1', 's2'],
    sender: 'SendGrid',
    source:
      'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/how-to-set-up-domain-authentication',
  },
  {
    selectors: ['k1', 'k2', 'k3'],
    sender: 'Mailchimp',
    source: 'https://mailchimp.com/help/set-up-email-domain-authentication/',
  },
  {
    selectors: ['fm1', 'fm2', 'fm3'],
    sender: 'Fastmail',
    source: 'https://www.fastmail.help/hc/en-us/articles/360060591153',
  },
  {
    selectors: ['protonmail', 'protonmail2', 'protonmail3'],
    sender: 'Proton Mail',
    source: 'https://proton.me/support/anti-spoofing-custom-domain',
  },
  { selectors: ['sig1'], sender: 'iCloud Mail', source: 'https://support.apple.com/en-us/102374' },
  { selectors: ['mailjet'], sender: 'Mailjet', source: null },
  { selectors: ['mandrill'], sender: 'Mandrill', source: null },
  { selectors: ['resend'], sender: 'Resend', source: null },
  { selectors: ['brevo1', 'brevo2'], sender: 'Brevo', source: null },
  { selectors: ['zoho', 'zmail'], sender: 'Zoho Mail', source: null },
  { selectors: ['default', 'dkim', 'mail', 'smtp'], sender: 'control panels and mail servers', source: null },
];
