// Sends delivery events to a service at a constant rate and asks for one report after the other, in a process of its own, so that the
// process that measures has nothing else to do.

import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { dimensions } from '../../src/reports/report.ts';
import { answerWith } from '../programs.ts';
import { ask, hangUp, requestBytes } from './ask.ts';

/** What to send until the process is told to end. */
export interface ReportLoad {
  readonly port: number;
  readonly eventsASecond: number;
  readonly espSecret: string;
}

export type LoadTask = (ReportLoad & { readonly kind: 'begin' }) | { readonly kind: 'end' };

/** What was sent and answered. */
export interface Loaded {
  readonly events: number;
  readonly reports: number;
}

// Providers and readers have processors of their own. Here they take what the service leaves.
setPriority(constants.priority.PRIORITY_LOW);

const eventsInRequest = 50;
let isOver = false;
/** The ids of events differ between processes. */
let lastEvent = process.pid * 1_000_000;

async function sendEvents({ port, eventsASecond, espSecret }: ReportLoad): Promise<number> {
  const began = performance.now();
  const headers = {
    'content-type': 'application/json',
    authorization: `Basic ${btoa(`presend:${espSecret}`)}`,
  };
  let sent = 0;
  for (; !isOver; sent++) {
    const wait = began + (sent * eventsInRequest * 1000) / eventsASecond - performance.now();
    if (wait > 0) await delay(wait);
    const events = Array.from({ length: eventsInRequest }, () => sparkPostEvent(lastEvent++));
    await ask(port, requestBytes('POST', '/v1/hooks/esp/sparkpost', headers, JSON.stringify(events)));
  }
  return sent * eventsInRequest;
}

async function readReports({ port }: ReportLoad): Promise<number> {
  let read = 0;
  for (; !isOver; read++)
    await ask(port, requestBytes('GET', `/v1/reports/bounces?by=${dimensions[read % dimensions.length]}`));
  return read;
}

function sparkPostEvent(number: number): object {
  const isBounce = number % 100 < 3;
  return {
    msys: {
      message_event: {
        type: isBounce ? 'bounce' : 'delivery',
        ...(isBounce && { bounce_class: '10', error_code: '550', raw_reason: '550 5.1.1 User unknown' }),
        event_id: `bench ${number}`,
        message_id: `bench ${number}`,
        rcpt_to: `john.doe${number}@gmail.com`,
        timestamp: `${Math.floor(Date.now() / 1000)}`,
        campaign_id: `campaign ${number % 5}`,
        rcpt_meta: { source: `source ${number % 20}` },
      },
    },
  };
}

let load: Promise<Loaded> | undefined;

answerWith<LoadTask, Loaded | null>(async (task) => {
  if (task.kind === 'end') {
    isOver = true;
    return load!;
  }
  load = Promise.all([sendEvents(task), readReports(task)]).then(([events, reports]) => {
    hangUp();
    return { events, reports };
  });
  return null;
});
