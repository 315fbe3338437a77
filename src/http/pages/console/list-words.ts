// The words of the console for lists: states, names, numbers, and why a file was refused.

import { minuteName } from '../../../calendar.ts';
import { isDraft, type Job } from '../../../jobs/job.ts';
import type { ShownState } from '../../../jobs/progress.ts';
import type { ListErrorCode } from '../../../lists/list-error.ts';

const states: Readonly<Record<ShownState, string>> = {
  queued: 'Waiting for its turn',
  verifying: 'Being checked',
  paused: 'Paused',
  waiting: 'Waiting for DNS: continues automatically',
  completed: 'Checked',
  failed: 'Cannot be read',
  cancelled: 'Cancelled',
};

/** What the state of a list means for its owner. */
export const stateText = (job: Job, state: ShownState): string =>
  isDraft(job) ? 'Not started yet' : states[state];

export const listName = ({ name, createdAt, options }: Job): string =>
  `${name ?? `List of ${minuteName(createdAt)}`}${options.sample === undefined ? '' : ' (sample)'}`;

/** Why a file was refused and what to do, for a person who has never seen the API or the command line. */
export function refusalText({ code, message }: { readonly code: string; readonly message: string }): string {
  const text = message.replace(/ Name the address (?:column|field) with [^.]*\./, '');
  return `${text}${advice[code as ListErrorCode] ?? ''}`;
}

const advice: Partial<Record<ListErrorCode, string>> = {
  no_address_column: ' Is this the right file? A list needs a column with e-mail addresses.',
  encrypted_workbook:
    ' In Excel: File, Info, Protect Workbook, Encrypt with Password, then delete the password.',
  no_rows: ' Export the list again, or choose another file.',
};
