// Compares a verified list with the bounces of a campaign, for its page in the console.

import type { Job } from '../../jobs/job.ts';
import { formParts, MalformedForm } from '../../jobs/multipart.ts';
import { bouncePeriod } from '../../lists/recorded-bounces.ts';
import type { BacktestResult } from '../../lists/run-backtest.ts';
import { parseCellDate } from '../../written-dates.ts';
import type { HttpPorts } from '../ports.ts';

type BacktestPorts = Pick<HttpPorts, 'jobs' | 'backtestValidator' | 'recordedBounces' | 'now'>;

/**
 * Compares the verdicts in the result of the job with the bounces that a form has or names. Resolves to a text for a person if they
 * cannot be compared, and to null if the form is malformed.
 */
export async function backtestOfJob(
  { jobs, backtestValidator, recordedBounces, now }: BacktestPorts,
  job: Job,
  { body, boundary }: { readonly body: Uint8Array<ArrayBuffer>; readonly boundary: string },
): Promise<BacktestResult | string | null> {
  const form = await readForm(body, boundary);
  if (form === null) return null;
  if (job.state !== 'completed') return 'The list is not checked yet.';
  const sentAt = form.sent === '' ? job.createdAt : parseCellDate(form.sent);
  if (sentAt === null) return 'The day of the campaign is not a date.';
  const { openUploadedBounces } = await import('../../lists/uploaded-file.ts');
  const { runBacktest } = await import('../../lists/run-backtest.ts');
  const bounces = form.bounces === null ? await recorded() : await openUploadedBounces(form.bounces);
  if (bounces === null)
    return 'This service recorded no bounce or delivery of that campaign and time. Choose the file with the bounces that your mail tool exports.';
  if ('ok' in bounces) return `The file with the bounces cannot be read. ${bounces.error.message}`;
  const outcome = await runBacktest({
    list: jobs.result(job, { format: job.layout!.shape.format, action: null }),
    bounces,
    sentAt,
    validator: backtestValidator,
    patienceMs: 0,
    wait: async () => {},
  });
  switch (outcome.kind) {
    case 'done':
      return outcome.result;
    case 'outage':
      return 'No DNS resolver answers now. Try again in a minute.';
    case 'refused':
      return `The file with the bounces cannot be read. ${outcome.error.message}`;
  }

  function recorded() {
    const { campaign, sent } = form!;
    const period = bouncePeriod(sent === '' ? {} : { sentAt: sentAt! }, now());
    return recordedBounces({ ...period!, ...(campaign !== '' && { campaign }) });
  }
}

interface BacktestForm {
  /** Null: no file was chosen. */
  readonly bounces: Uint8Array<ArrayBuffer> | null;
  readonly campaign: string;
  readonly sent: string;
}

async function readForm(body: Uint8Array<ArrayBuffer>, boundary: string): Promise<BacktestForm | null> {
  const fields = { campaign: '', sent: '' };
  let bounces: Uint8Array<ArrayBuffer> | null = null;
  try {
    for await (const part of formParts(once(body), boundary)) {
      if (part.kind === 'field') {
        if (part.name === 'campaign' || part.name === 'sent') fields[part.name] = part.value.trim();
        continue;
      }
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of part.content) chunks.push(chunk);
      const content = new Uint8Array(await new Blob(chunks).arrayBuffer());
      if (part.name === 'bounces' && content.length > 0) bounces = content;
    }
  } catch (error) {
    if (error instanceof MalformedForm) return null;
    throw error;
  }
  return { ...fields, bounces };
}

async function* once<Bytes extends Uint8Array>(bytes: Bytes): AsyncGenerator<Bytes> {
  yield bytes;
}
