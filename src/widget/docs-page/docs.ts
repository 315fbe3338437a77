// The script of the page /docs: shows the snippets of one language, copies them, and sends the requests of the forms "Try it".
// The key stays in the field of the page: the script neither stores it nor puts it into a URL.

import { requestOf, type TryInput } from './request.ts';

/** The origin in the snippets as the server writes them. */
const writtenOrigin = 'http://127.0.0.1:8787';

/** Maximum characters of a response that are shown. */
const mostShown = 20_000;

const byId = <Type extends HTMLElement>(id: string): Type => document.getElementById(id) as Type;
const all = <Type extends Element>(selector: string, root: ParentNode = document): Type[] => [
  ...root.querySelectorAll<Type>(selector),
];

const key = byId<HTMLInputElement>('key');
/** The element whose text screen readers announce. */
const spoken = byId('spoken');

document.documentElement.classList.add('js');
for (const code of all('.snippet code'))
  code.textContent = code.textContent!.replaceAll(writtenOrigin, location.origin);

const narrow = matchMedia('(max-width: 63.99rem)');
const menu = document.querySelector<HTMLDetailsElement>('nav details')!;
const fitMenu = (): void => {
  menu.open = !narrow.matches;
};
narrow.addEventListener('change', fitMenu);
fitMenu();
menu.addEventListener('click', (event) => {
  if (narrow.matches && (event.target as Element).closest('a')) menu.open = false;
});

function showLanguage(): void {
  const { value } = document.querySelector<HTMLInputElement>('input[name=language]:checked')!;
  for (const figure of all<HTMLElement>('.snippet')) figure.hidden = figure.dataset['language'] !== value;
}
for (const choice of all('input[name=language]')) choice.addEventListener('change', showLanguage);
showLanguage();

for (const button of all<HTMLButtonElement>('.copy'))
  button.addEventListener('click', async () => {
    const code = button.closest('figure')!.querySelector('code')!;
    const isCopied = await copy(code.textContent!);
    if (!isCopied) getSelection()!.selectAllChildren(code);
    const text = isCopied ? 'Copied' : 'Selected';
    button.textContent = text;
    spoken.textContent = text;
    setTimeout(() => {
      button.textContent = 'Copy';
      spoken.textContent = '';
    }, 2000);
  });

/** Copies a text and returns whether that was possible. Over plain http, browsers have no clipboard for pages. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

for (const form of all<HTMLFormElement>('.try form')) {
  const type = form.querySelector<HTMLSelectElement>('.type');
  type?.addEventListener('change', () => {
    for (const body of all<HTMLElement>('.body', form)) body.hidden = body.dataset['type'] !== type.value;
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
}

/** The request of each form that is being sent. */
const running = new WeakMap<HTMLFormElement, AbortController>();

async function send(form: HTMLFormElement): Promise<void> {
  running.get(form)?.abort();
  const empty = all<HTMLInputElement>('[required]', form).find(({ value }) => value.trim() === '');
  for (const input of all<HTMLInputElement>('[required]', form))
    input.toggleAttribute('aria-invalid', input === empty);
  if (empty !== undefined) {
    showStatus(form, 'bad', `Fill in “${empty.name}” first.`);
    empty.focus();
    return;
  }
  const controller = new AbortController();
  running.set(form, controller);
  const stop = form.querySelector<HTMLButtonElement>('.stop')!;
  stop.onclick = () => controller.abort();
  stop.hidden = false;
  showStatus(form, '', 'Sending …');
  const started = performance.now();
  try {
    const { url, init } = requestOf(inputOf(form), key.value.trim());
    const response = await fetch(url, {
      ...init,
      signal: controller.signal,
      credentials: 'omit',
      cache: 'no-store',
    });
    await show(form, response, Math.round(performance.now() - started));
  } catch (error) {
    if (running.get(form) === controller)
      showStatus(
        form,
        'bad',
        controller.signal.aborted ? 'Stopped.' : `Not sent: ${(error as Error).message}`,
      );
  } finally {
    if (running.get(form) === controller) stop.hidden = true;
  }
}

/** Reads what the person entered into a form. */
function inputOf(form: HTMLFormElement): TryInput {
  const body = form.querySelector<HTMLElement>('.body:not([hidden])');
  const areas = body === null ? [] : all<HTMLTextAreaElement>('textarea', body);
  return {
    method: form.dataset['method']!,
    path: form.dataset['path']!,
    parameters: all<HTMLInputElement | HTMLSelectElement>('[data-in]', form).map(
      ({ name, value, dataset }) => ({
        name,
        value: value.trim(),
        place: dataset['in'] as 'path' | 'query' | 'header',
      }),
    ),
    body:
      body === null
        ? null
        : body.dataset['kind'] === 'form'
          ? areas.map(({ value, dataset }) => ({
              name: dataset['name']!,
              fileName: dataset['file']!,
              mediaType: dataset['sentAs']!,
              text: value,
            }))
          : { mediaType: body.dataset['sentAs'] ?? 'application/json', text: areas[0]!.value },
  };
}

function showStatus(form: HTMLFormElement, state: 'good' | 'bad' | '', text: string): void {
  const outcome = form.querySelector<HTMLElement>('.outcome')!;
  outcome.hidden = false;
  outcome.className = `outcome ${state}`;
  outcome.querySelector('.status')!.textContent = text;
  const pre = outcome.querySelector('pre')!;
  pre.textContent = '';
  pre.hidden = true;
}

async function show(form: HTMLFormElement, response: Response, ms: number): Promise<void> {
  const { status, ok, headers } = response;
  showStatus(form, ok ? 'good' : 'bad', `${status} after ${ms} ms`);
  const statusLine = form.querySelector('.status')!;
  if (status === 401) {
    const link = Object.assign(document.createElement('a'), { href: '#key', textContent: 'Enter a key' });
    link.onclick = (event) => {
      event.preventDefault();
      key.focus();
    };
    statusLine.append('. ', link, ' first.');
  }
  const shown = ['retry-after', 'ratelimit', 'location', 'x-request-id']
    .filter((name) => headers.has(name))
    .map((name) => `${name}: ${headers.get(name)}\n`)
    .join('');
  const pre = form.querySelector('pre')!;
  pre.hidden = false;
  let text = '';
  const update = () => {
    pre.textContent = shown + (text === '' ? '' : `\n${shorten(readable(text))}`);
  };
  update();
  const decoder = new TextDecoder();
  // A stream of events never ends by itself, so show each part as it arrives.
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    if (done || headers.get('content-type') === 'text/event-stream') update();
    if (done) break;
  }
  if (ok) fillIds(form, text);
}

/** Indents a JSON text. Returns any other text as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const shorten = (text: string): string =>
  text.length <= mostShown
    ? text
    : `${text.slice(0, mostShown)}\n… ${(text.length - mostShown).toLocaleString('en')} more characters`;

/** After a job or a key was created, fills its id into the forms that need one. */
function fillIds(from: HTMLFormElement, text: string): void {
  if (from.dataset['method'] !== 'POST') return;
  const id = /"id": ?"((job|key)_[\w-]+)"/.exec(text);
  if (id === null) return;
  for (const input of all<HTMLInputElement>(`input[data-in=path][placeholder^="${id[2]}_"]`))
    input.value = id[1]!;
}
