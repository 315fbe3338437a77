// The faults of the content: size, text, links and attachments.

import type { MessageFaultKind } from './message-finding.ts';

/**
 * Statuses of bounces (RFC 3463). The message is too big for the system (5.3.4) or for the mailbox (5.2.3). Rejected because of
 * the content: 5.7.1, 5.7.0 (Gmail).
 */
const tooBig = ['5.3.4', '5.2.3'];
const distrusted = ['5.7.1'];

export const contentFaultKinds = {
  message_too_big: {
    severity: 'error',
    meaning:
      'Many receivers reject messages of this size. Encoding makes attachments a third larger than the file.',
    causes: tooBig,
    type: 'body',
    change: 'Put files on your website, and link to them',
  },
  message_large: {
    severity: 'warning',
    meaning:
      'Guides advise to keep a message below 110 KB: larger ones load slowly on phones, and spam filters look harder at them.',
    causes: [],
    type: 'body',
    change: 'Shorten the message, and link to images and files instead of sending them',
  },
  html_clipped: {
    severity: 'warning',
    meaning:
      'Gmail cuts the HTML off after 102 KB and shows "Message clipped". Readers then do not see the end, often the way to unsubscribe, and opens are not counted.',
    causes: [],
    type: 'body',
    change: 'Remove unused styles and comments, or shorten the text',
  },
  text_part_missing: {
    severity: 'warning',
    meaning:
      'Mail programs for plain text, watches and screen readers show nothing, and spam filters expect a text beside the HTML.',
    causes: [],
    type: 'body',
    change: 'Send multipart/alternative: a text/plain part with the same words, then the HTML',
  },
  alternative_order: {
    severity: 'warning',
    meaning:
      'Mail programs show the last part that they can (RFC 2046), so readers see the plain text instead of the HTML.',
    causes: [],
    type: 'body',
    change: 'Put text/plain first and text/html last',
  },
  images_only: {
    severity: 'warning',
    meaning:
      'Many mail programs do not load images at first, so readers see an empty message. Spam filters distrust images without text.',
    causes: distrusted,
    type: 'body',
    change: 'Write what the images say as text, and give each image an alt text',
  },
  body_empty: {
    severity: 'warning',
    meaning: 'There is nothing to read. Spam filters distrust empty messages.',
    causes: distrusted,
    type: 'body',
    change: 'Write a text',
  },
  active_content: {
    severity: 'warning',
    meaning: 'Mail programs remove these elements, and spam filters distrust them.',
    causes: distrusted,
    type: 'body',
    change: 'Link to a page that has them',
  },
  link_not_https: {
    severity: 'warning',
    meaning: 'Browsers warn of pages without encryption, and spam filters count such links against you.',
    causes: [],
    type: 'link',
    change: ({ about }) => about.replace(/^http:/i, 'https:'),
  },
  link_to_ip: {
    severity: 'error',
    meaning: 'Links to a bare IP address are a mark of phishing. Many filters reject them.',
    causes: distrusted,
    type: 'link',
    change: 'Link to a host name of your own domain',
  },
  link_shortened: {
    severity: 'warning',
    meaning:
      'Spammers hide their pages behind link shorteners, so blocklists name whole shorteners. Mail with such links is filtered or rejected.',
    causes: distrusted,
    type: 'link',
    change: 'Link to the page itself, or to a short host name of your own domain',
  },
  link_disguised: {
    severity: 'warning',
    meaning:
      'The text shows one domain and the link leads to another, as in phishing. Mail programs warn of it. Click tracking on the domain of the sending service does this too.',
    causes: distrusted,
    type: 'link',
    change: 'Write words instead of an address, or track clicks on a host name of your own domain',
  },
  link_look_alike: {
    severity: 'error',
    meaning: 'The domain imitates a well-known one with look-alike characters. Filters reject it.',
    causes: distrusted,
    type: 'link',
    change: 'Remove the link, or correct its domain',
  },
  link_has_credentials: {
    severity: 'warning',
    meaning:
      'A name before @ in a link hides where it leads, as in phishing. Mail programs and filters block it.',
    causes: distrusted,
    type: 'link',
    change: 'Remove everything before @ in the host part',
  },
  link_invalid: {
    severity: 'warning',
    meaning: 'The link does not work. Often a placeholder was not filled in.',
    causes: [],
    type: 'link',
    change: 'Correct the address',
  },
  links_to_many_domains: {
    severity: 'info',
    meaning:
      'Each domain in a message has a reputation of its own, and the worst one counts. Guides advise few links.',
    causes: [],
    type: 'link',
    change: 'Link to your own domain, and leave out what readers do not need',
  },
  links_many: {
    severity: 'info',
    meaning: 'Guides advise few links: many look like spam, and readers choose less.',
    causes: [],
    type: 'link',
    change: 'Leave out links that readers do not need',
  },
  links_elsewhere: {
    severity: 'info',
    meaning:
      'No link leads to the domain in From. Mail is trusted more if its links, click tracking included, are on the domain of its sender.',
    causes: [],
    type: 'link',
    change: 'Track clicks on a host name of your own domain, such as click.your-domain.example',
  },
  attachment_blocked: {
    severity: 'error',
    meaning:
      'Gmail and Outlook reject or remove programs and files that can start programs, in archives too.',
    causes: ['5.7.0', '5.7.1'],
    type: 'attachment',
    change: 'Put the file on your website, and link to it',
  },
  attachment_macro: {
    severity: 'warning',
    meaning: 'Documents of this type can contain macros. Many companies remove or reject them.',
    causes: ['5.7.1'],
    type: 'attachment',
    change: 'Send a PDF, or link to the file',
  },
  attachment_archive: {
    severity: 'warning',
    meaning:
      'Filters cannot always look into archives, so many reject or hold them, above all encrypted ones.',
    causes: ['5.7.1'],
    type: 'attachment',
    change: 'Put the file on your website, and link to it',
  },
  attachment_in_bulk: {
    severity: 'warning',
    meaning:
      'Bulk mail with attachments is filtered more often and is larger. Readers can download a linked file when they want it.',
    causes: ['5.7.1'],
    type: 'attachment',
    change: 'Put the file on your website, and link to it',
  },
} as const satisfies Readonly<Record<string, MessageFaultKind>>;

export type ContentFaultCode = keyof typeof contentFaultKinds;
