// The script of the try page at /. It checks the address that the person enters and shows the verdict. It also attaches the
// widget, which the person can try in the example form.

import { byId, make } from '../page-elements.ts';
import { actionTexts, bounceText, explain, likelihoodText, resultTitles, type State } from './explain.ts';
import type { ShownVerdict } from './verdict-answer.ts';

const form = byId<HTMLFormElement>('try');
const email = byId<HTMLInputElement>('email');
const keyField = byId('key-field');
const key = byId<HTMLInputElement>('key');
const panel = byId('verdict');
/** The element whose text screen readers announce. It contains only a summary, because the whole panel would take too long. */
const spoken = byId('spoken');

const states: Readonly<Record<ShownVerdict['result'], State>> = {
  deliverable: 'good',
  risky: 'doubtful',
  undeliverable: 'bad',
  unknown: 'none',
};

const stateNames: Readonly<Record<State, string>> = {
  good: 'Good: ',
  doubtful: 'Doubtful: ',
  bad: 'Bad: ',
  none: 'Unknown: ',
};

const signs: Readonly<Record<State, string>> = {
  good: 'm7.5 12.5 3 3 6-6.5',
  doubtful: 'M12 7.5v5.5m0 3.4v.1',
  bad: 'm8.5 8.5 7 7m0-7-7 7',
  none: 'M9.6 9.6a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.3 1-1.3 1.9m0 2.8v.1',
};

function drawing(
  classes: string,
  viewBox: string,
  shapes: readonly (readonly [string, Record<string, string | number>])[],
) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  const attributes = { class: classes, viewBox, 'aria-hidden': 'true', preserveAspectRatio: 'none' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  for (const [tag, values] of shapes) {
    const shape = document.createElementNS(namespace, tag);
    for (const [name, value] of Object.entries(values)) shape.setAttribute(name, String(value));
    svg.append(shape);
  }
  return svg;
}

const sign = (state: State, classes = ''): SVGElement =>
  drawing(`sign ${state} ${classes}`, '0 0 24 24', [
    ['circle', { cx: 12, cy: 12, r: 10 }],
    ['path', { d: signs[state] }],
  ]);

/** Draws the probability of a bounce and its 90% interval on a scale from 0 to 1. */
const scale = ({ probability, low, high }: ShownVerdict['bounce']): SVGElement =>
  drawing('scale', '0 0 200 16', [
    ['rect', { class: 'track', x: 0, y: 7, width: 200, height: 2, rx: 1 }],
    ['rect', { class: 'span', x: low * 200, y: 5, width: Math.max(2, (high - low) * 200), height: 6, rx: 2 }],
    ['rect', { class: 'point', x: Math.min(197, probability * 200), y: 2, width: 3, height: 12, rx: 1.5 }],
  ]);

function show(verdict: ShownVerdict): void {
  const state = states[verdict.result];
  const meant = verdict.did_you_mean;
  const entry = (term: string, ...text: (Node | string)[]): HTMLElement =>
    make('div', {}, make('dt', { textContent: term }), make('dd', {}, ...text));
  const expires = new Date(verdict.expires_at).toLocaleDateString('en', { dateStyle: 'long' });
  panel.className = `verdict ${state}`;
  panel.replaceChildren(
    make(
      'div',
      { className: 'summary' },
      sign(state, 'seal'),
      make('h2', { textContent: resultTitles[verdict.result] }),
      make('p', { textContent: verdict.message }),
      ...(meant === null
        ? []
        : [
            make('button', {
              type: 'button',
              className: 'meant',
              textContent: `Did you mean ${meant}?`,
              onclick: () => tryAddress(meant),
            }),
          ]),
    ),
    make(
      'dl',
      { className: 'consequences' },
      entry('If you send', bounceText(verdict)),
      entry('Probability', scale(verdict.bounce), likelihoodText(verdict)),
      entry('What to do', actionTexts[verdict.action]),
    ),
    make(
      'ul',
      { className: 'checks' },
      ...explain(verdict, { publishable: key.value.startsWith('pk_') }).map((line) =>
        make(
          'li',
          {},
          sign(line.state),
          make('b', { textContent: line.check }),
          make(
            'span',
            {},
            make('span', { className: 'unseen', textContent: stateNames[line.state] }),
            line.text,
          ),
        ),
      ),
    ),
    make(
      'details',
      { className: 'raw' },
      make('summary', {
        textContent: `JSON answer (${verdict.took_ms} ms, valid until ${expires})`,
      }),
      make('pre', { tabIndex: 0, textContent: JSON.stringify(verdict, null, 2) }),
    ),
  );
  spoken.textContent = `${resultTitles[verdict.result]}. ${verdict.message}`;
  panel.scrollIntoView({ block: 'nearest' });
}

function announce(text: string): void {
  panel.className = 'verdict none';
  panel.replaceChildren(make('p', { className: 'note', textContent: text }));
  spoken.textContent = text;
}

let asking: AbortController | undefined;

async function ask(): Promise<void> {
  const address = email.value;
  if (address.trim() === '') return email.focus();
  for (const chip of chips) chip.ariaPressed = String(chip.value === address);
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  try {
    const response = await fetch('v1/validate', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key.value && { authorization: `Bearer ${key.value}` }),
      },
      body: JSON.stringify({ email: address }),
      signal: mine.signal,
    });
    if (response.ok) return show(await response.json());
    const { detail, errors } = await response.json().catch(() => ({}));
    const why = errors ? `the address ${errors[0].detail}` : detail;
    if (response.status === 401) return askForKey(why);
    announce(
      response.status === 429
        ? 'Too many requests. Wait a moment and try again.'
        : response.status < 500 && why
          ? `The service refused the request: ${why}`
          : `The service could not answer (HTTP status ${response.status}). Try again later.`,
    );
  } catch {
    if (!mine.signal.aborted)
      announce('The service is unreachable. Try again later. This says nothing about the address.');
  }
}

/** `why` is the sentence with which the service refused the key. */
function askForKey(why: string | undefined): void {
  announce(
    keyField.hidden || key.value === '' || !why
      ? 'This service requires an API key. Enter the key and check the address again.'
      : why,
  );
  keyField.hidden = false;
  key.focus();
}

function tryAddress(address: string): void {
  email.value = address;
  ask();
}

const chips = [...document.querySelectorAll<HTMLButtonElement>('.chip')];
for (const chip of chips) chip.onclick = () => tryAddress(chip.value);
form.onsubmit = (event) => {
  event.preventDefault();
  ask();
};

const presend = window.presend!;
let detach = presend.attach();
key.onchange = () => {
  detach();
  detach = presend.attach(document, { key: key.value });
};
const signup = byId<HTMLFormElement>('signup');
const done = byId('signup-done');
signup.onsubmit = (event) => {
  event.preventDefault();
  done.textContent = 'A real form would be submitted now.';
};
signup.oninput = () => {
  done.textContent = '';
};
byId('snippet').textContent =
  `<script src="${new URL('presend.js', location.href)}" data-key="pk_…" defer></script>`;
