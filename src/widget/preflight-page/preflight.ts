// The script of the page /preflight. It sends a domain or a message to the service, and shows the findings with the records to
// publish.

import { byId, make } from '../page-elements.ts';
import type { ShownFinding, ShownReport, ShownSeverity } from './preflight-answer.ts';
import { soundLinesOf } from './sound.ts';

const domainForm = byId<HTMLFormElement>('domain-form');
const messageForm = byId<HTMLFormElement>('message-form');
const keyField = byId('key-field');
const key = byId<HTMLInputElement>('key');
const report = byId('report');
/** The element whose text screen readers announce. It contains only a summary, because the whole report would take too long. */
const spoken = byId('spoken');
const field = (id: string): string => byId<HTMLInputElement>(id).value.trim();

const names: Readonly<Record<ShownSeverity, readonly [one: string, many: string]>> = {
  error: ['Error', 'errors'],
  warning: ['Warning', 'warnings'],
  info: ['Note', 'notes'],
};

/** The form that was sent last. If the service asks for a key, this form is sent again with it. */
let last: HTMLFormElement | null = null;
let asking: AbortController | undefined;

domainForm.onsubmit = (event) => {
  event.preventDefault();
  const domain = field('domain');
  if (domain === '') return byId('domain').focus();
  const bounce = field('bounce-domain');
  const words = (id: string): string[] =>
    field(id)
      .split(/[\s,;]+/)
      .filter(Boolean);
  ask(domainForm, domain, 'v1/preflight', 'application/json', () =>
    JSON.stringify({
      domain,
      ips: words('ips'),
      selectors: words('selectors'),
      tracking: words('tracking'),
      ...(bounce && { bounce_domain: bounce }),
    }),
  );
};

messageForm.onsubmit = (event) => {
  event.preventDefault();
  const [file] = byId<HTMLInputElement>('file').files ?? [];
  const source = byId<HTMLTextAreaElement>('source').value;
  if (file === undefined && source.trim() === '') return byId('file').focus();
  const purpose = byId<HTMLSelectElement>('purpose').value;
  ask(
    messageForm,
    file?.name ?? 'the message',
    `v1/preflight/message?purpose=${purpose}`,
    'message/rfc822',
    () => file ?? source,
  );
};

async function ask(
  form: HTMLFormElement,
  about: string,
  path: string,
  type: string,
  body: () => BodyInit,
): Promise<void> {
  last = form;
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  wait(about);
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': type, ...(key.value && { authorization: `Bearer ${key.value}` }) },
      body: body(),
      signal: mine.signal,
    });
    if (response.ok) return show(await response.json(), about);
    const { detail, errors } = await response.json().catch(() => ({}));
    fail(response.status, errors?.[0]?.detail ?? detail);
  } catch {
    if (!mine.signal.aborted)
      announce(
        navigator.onLine
          ? 'The service is unreachable. Try again later. This says nothing about your mail.'
          : 'You are offline. Connect to the internet and try again. This says nothing about your mail.',
      );
  } finally {
    if (asking === mine) setBusy(false);
  }
}

function setBusy(isBusy: boolean): void {
  report.ariaBusy = String(isBusy);
  for (const form of [domainForm, messageForm])
    for (const button of form.querySelectorAll('button')) button.disabled = isBusy;
}

function wait(about: string): void {
  announce(`Checking ${about}. This takes a few seconds.`, 'waiting');
  setBusy(true);
}

function announce(text: string, classes = ''): void {
  report.className = `report ${classes}`;
  report.replaceChildren(make('p', { className: 'note', textContent: text }));
  spoken.textContent = text;
}

function fail(status: number, why: string | undefined): void {
  if (status === 401) {
    announce(
      keyField.hidden || key.value === '' || !why
        ? 'This service requires an API key with the scope “preflight”. Enter it and check again.'
        : why,
    );
    keyField.hidden = false;
    key.focus();
    return;
  }
  announce(
    status === 429
      ? 'Too many requests. Wait a moment and try again.'
      : why && (status < 500 || status === 503)
        ? why
        : `The service could not answer (HTTP status ${status}). Try again later.`,
  );
}

key.onkeydown = (event) => {
  if (event.key === 'Enter') last?.requestSubmit();
};

/** How many findings of each severity there are, in words. */
function countsOf(findings: readonly ShownFinding[]): string {
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const [one, many] = names[severity];
    return count === 0 ? [] : [`${count} ${count === 1 ? one.toLowerCase() : many}`];
  });
  return counts.length === 0 ? 'No fault found' : counts.join(', ');
}

function show(answer: ShownReport, about: string): void {
  const { findings, facts, domain, checked_at: checked } = answer;
  const worst = (['error', 'warning', 'info'] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity),
  );
  const sentence = {
    error: 'You are probably the cause: fix the errors before you blame your list.',
    warning: 'Some receivers reject or filter mail because of this.',
    info: 'Nothing bounces because of this today.',
    none: 'If mail bounces, look at your list, at what you send and how fast.',
  }[worst ?? 'none'];
  const title = make('h2', { tabIndex: -1, textContent: `${domain ?? about}: ${countsOf(findings)}` });
  const when = make('time', {
    dateTime: checked,
    textContent: new Date(checked).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' }),
  });
  const list = (heading: string, lines: readonly string[], classes: string): HTMLElement[] =>
    lines.length === 0
      ? []
      : [
          make(
            'section',
            { className: classes },
            make('h3', { textContent: heading }),
            make('ul', {}, ...lines.map((line) => make('li', { textContent: line }))),
          ),
        ];
  report.className = 'report';
  report.replaceChildren(
    make(
      'header',
      { className: `summary ${worst ?? 'none'}` },
      title,
      make('p', { textContent: sentence }),
      make('p', { className: 'when' }, 'Checked ', when),
      make('button', { type: 'button', className: 'print', textContent: 'Print', onclick: () => print() }),
    ),
    ...(findings.length === 0
      ? []
      : [make('ol', { className: 'findings', ariaLabel: 'Findings' }, ...findings.map(findingItem))]),
    ...list('What is right', soundLinesOf(answer), 'right'),
    ...list(
      'Not answered',
      facts.not_answered.map(
        ({ question, cause }) => `${question} (${cause}). There may or may not be a fault.`,
      ),
      'unseen-facts',
    ),
    ...list(
      'Not checked',
      facts.not_checked.map(({ why }) => why),
      'unseen-facts',
    ),
  );
  spoken.textContent = `${title.textContent}. ${sentence}`;
  title.focus();
}

/** `spf_too_many_lookups` in words. */
const titleOf = (code: string): string =>
  code
    .split('_')
    .map((word) => acronyms[word] ?? word)
    .join(' ')
    .replace(/^./, (letter) => letter.toUpperCase());

const acronyms: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'SPF',
    'DKIM',
    'DMARC',
    'MX',
    'IP',
    'PTR',
    'HELO',
    'MTA',
    'STS',
    'TLS',
    'RPT',
    'BIMI',
    'HTML',
    'HTTPS',
    'MIME',
    'ID',
    'SHA1',
    'ASCII',
  ].map((word) => [word.toLowerCase(), word]),
);

function findingItem({ code, severity, seen, meaning, causes, publish }: ShownFinding): HTMLElement {
  return make(
    'li',
    { className: `finding ${severity}` },
    make(
      'h3',
      {},
      make('span', { className: 'severity', textContent: names[severity][0] }),
      ' ',
      titleOf(code),
    ),
    make('p', { className: 'seen', textContent: seen }),
    make('p', { textContent: meaning }),
    ...(causes.length === 0
      ? []
      : [make('p', { className: 'causes', textContent: `Bounces it causes: ${causes.join(', ')}` })]),
    ...(publish === null ? [] : [changeBlock(publish)]),
  );
}

const instructions = ['body', 'link', 'attachment', 'signature'];

/**
 * Shows what to publish: a record or a header with buttons that copy its name and its value, or a sentence that says what to do.
 */
function changeBlock({ name, type, value }: NonNullable<ShownFinding['publish']>): HTMLElement {
  if (instructions.includes(type))
    return make('p', { className: 'todo' }, make('b', { textContent: 'Do this: ' }), value);
  const isHeader = type === 'header';
  const row = (term: string, text: string, canCopy: boolean): HTMLElement =>
    make(
      'div',
      {},
      make('dt', { textContent: term }),
      make(
        'dd',
        {},
        make('code', { textContent: text }),
        ...(canCopy ? [copyButton(`Copy ${term.toLowerCase()}`, text, `${term} for ${name}`)] : []),
      ),
    );
  return make(
    'dl',
    { className: 'record', ariaLabel: isHeader ? 'Header to write' : 'Record to publish' },
    row('Name', name, true),
    ...(isHeader ? [] : [row('Type', type, false)]),
    row('Value', value, true),
  );
}

function copyButton(label: string, text: string, about: string): HTMLButtonElement {
  const button = make('button', { type: 'button', className: 'copy', textContent: label });
  button.ariaLabel = `${label}: ${about}`;
  button.onclick = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    // Without access to the clipboard, the text is selected, so that Ctrl+C copies it.
    if (!isCopied) getSelection()?.selectAllChildren(button.previousElementSibling!);
    button.textContent = isCopied ? 'Copied' : 'Selected: press Ctrl+C';
    spoken.textContent = isCopied ? `Copied: ${about}` : 'Selected. Press Ctrl+C to copy.';
  };
  button.onblur = () => {
    button.textContent = label;
  };
  return button;
}

// A link to this page can name the domain.
const given = new URLSearchParams(location.search).get('domain');
if (given !== null) byId<HTMLInputElement>('domain').value = given;
