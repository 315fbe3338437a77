// Sends a form only when the service can be reached. A browser leaves the page to send one, and what was entered would be lost.

import { messageBefore, tell } from './page-elements.ts';

const longestMs = 10_000;

export function guardForms(): void {
  /** The forms about which the service is being asked, and those that may go. */
  const asking = new Set<HTMLFormElement>();
  const reached = new Set<HTMLFormElement>();
  const messages = new Map<HTMLFormElement, HTMLElement>();

  addEventListener('submit', async (event) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter as HTMLButtonElement | null;
    if (reached.delete(form)) return showBusy(form, button);
    event.preventDefault();
    if (asking.has(form)) return;
    asking.add(form);
    const isReached = await fetch('/healthz', {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(longestMs),
    }).then(
      () => true,
      () => false,
    );
    asking.delete(form);
    let message = messages.get(form);
    if (message !== undefined) message.hidden = true;
    if (isReached) {
      reached.add(form);
      return form.requestSubmit(button);
    }
    message ??= messageBefore(form);
    messages.set(form, message);
    tell(
      message,
      'The service cannot be reached, so nothing was sent. What you entered is still here: try again.',
    );
  });
}

/** Shows that a form is at work that takes long: its button has the words in `data-busy`. */
function showBusy(form: HTMLFormElement, submitter: HTMLButtonElement | null): void {
  const button = submitter ?? form.querySelector('button');
  const { busy } = button?.dataset ?? {};
  if (button == null || busy === undefined) return;
  button.textContent = busy;
  button.setAttribute('aria-busy', 'true');
  // Not disabled before the form is sent: a second click would send it again.
  setTimeout(() => {
    button.disabled = true;
  });
}
