// Shows the progress of a list, and loads its page again when there is more to see.

import { progressText, type WatchedJob } from './page-data.ts';
import { all, part } from './page-elements.ts';

/** The events after which the page has something else to show. The last one has no job in it. */
const ends: Readonly<Record<'completed' | 'failed' | 'cancelled' | 'deleted', true>> = {
  completed: true,
  failed: true,
  cancelled: true,
  deleted: true,
} satisfies Partial<Record<WatchedJob['state'], true>> & { readonly deleted: true };

export function showProgress(): void {
  for (const section of all('[data-events]')) {
    const bar = part<HTMLProgressElement>(section, 'progress');
    const text = part(section, '[role=status]');
    const shown = section.dataset['state'];
    const source = new EventSource(section.dataset['events']!);
    let last = text.textContent;
    const again = (): void => {
      source.close();
      location.reload();
    };
    source.addEventListener('progress', ({ data }) => {
      const job = JSON.parse(data) as WatchedJob;
      if (job.state !== shown && !(shown === 'queued' && job.state === 'verifying')) return again();
      const { rows, rows_done } = job;
      if (rows !== null) {
        bar.max = rows || 1;
        bar.value = rows_done;
      }
      last = progressText(job);
      text.textContent = last;
    });
    // A stream ends after some minutes, and the browser then asks for the next one.
    source.onopen = () => {
      text.textContent = last;
    };
    source.onerror = () => {
      text.textContent =
        source.readyState === EventSource.CLOSED
          ? 'The progress cannot be shown any longer. The check goes on: load this page again to see how far it is.'
          : 'The connection is lost. The check goes on, and this page tries to connect again.';
    };
    for (const end of Object.keys(ends)) source.addEventListener(end, again);
  }
}
