// Elements of the pages of the console.

/** All elements that match, as a type that the selector promises. */
export const all = <T extends HTMLElement>(selector: string): Iterable<T> =>
  document.querySelectorAll<T>(selector);

/** The first element in `within` that matches. The page has one: it is written by the same version of the service. */
export const part = <T extends HTMLElement = HTMLElement>(within: HTMLElement, selector: string): T =>
  within.querySelector<T>(selector)!;

/** An empty, hidden message before `place`. Screen readers speak its text as soon as it has one. */
export function messageBefore(place: Element): HTMLElement {
  const message = document.createElement('p');
  message.className = 'notice error';
  message.setAttribute('role', 'alert');
  message.hidden = true;
  message.dataset['live'] = '';
  place.before(message);
  return message;
}

export function tell(message: HTMLElement, text: string): void {
  message.hidden = false;
  message.textContent = text;
}
