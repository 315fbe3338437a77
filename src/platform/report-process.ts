// Answers the requests for reports, and looks for incidents and their causes, in a process of its own. Reading the counters of a year
// and writing the answer takes longer than any other request may wait. In a thread it would still slow the others down: V8 collects
// the garbage of all threads of a process with the same helper threads, and these run before the main thread as often as after it.

import type { CauseQuestion, CauseSearch } from '../diagnosis/diagnoses.ts';
import type { IncidentAnswer, IncidentQuestion, IncidentSearch } from '../reports/incidents/search.ts';
import { createOnDemandHelper, startProcess } from './on-demand-helper.ts';
import type { Settings } from './settings.ts';

/** What the program of the process gets when it starts. */
export interface ReportProcessData {
  /** The database file. */
  readonly path: string;
  readonly settings: Pick<Settings, 'reportTimeZone' | 'listProfile'>;
}

export type ReportProcessQuestion =
  | ReportRequest
  | ({ readonly kind: 'incidents' } & IncidentQuestion)
  | ({ readonly kind: 'causes' } & CauseQuestion);

export interface ReportRequest {
  readonly kind: 'report';
  readonly url: string;
  readonly requestId: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface ReportResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface ReportProcess {
  /** Answers a GET request of a route in routes/reports.ts. */
  answer(request: Request, requestId: string): Promise<Response>;
  readonly findIncidents: IncidentSearch;
  readonly findCauses: CauseSearch;
  close(): Promise<void>;
}

const idleMs = 30_000;

/** Limits of memory in MB, and as few threads as Node can have: nobody waits for a report as for a verdict. */
const flags = [
  '--max-semi-space-size=8',
  '--max-old-space-size=256',
  '--single-threaded-gc',
  '--v8-pool-size=1',
];

export function createReportProcess(data: ReportProcessData): ReportProcess {
  const helper = createOnDemandHelper({
    start: () => startProcess('report-process-program', data, flags),
    idleMs,
  });
  const ask = (question: ReportProcessQuestion) => helper.ask(question);
  return {
    async answer(request, requestId) {
      const { url } = request;
      const asked = ask({ kind: 'report', url, requestId, headers: [...request.headers] });
      const { status, headers, body } = (await asked) as ReportResponse;
      return new Response(body, {
        status,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
      });
    },
    findIncidents: async (question) => (await ask({ kind: 'incidents', ...question })) as IncidentAnswer,
    findCauses: async (question) =>
      (await ask({ kind: 'causes', ...question })) as Awaited<ReturnType<CauseSearch>>,
    close: () => helper.close(),
  };
}
