// Says that the browser is offline, for as long as it is.

import { messageBefore, part, tell } from './page-elements.ts';

export function watchConnection(): void {
  const message = messageBefore(part(document.body, 'main > *'));
  const show = (): void => {
    if (navigator.onLine) message.hidden = true;
    else tell(message, 'You are offline. What is on this page stays, and checks of lists go on without you.');
  };
  addEventListener('offline', show);
  addEventListener('online', show);
  show();
}
