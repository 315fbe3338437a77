// Answers the requests for reports in a separate thread. Reading the counters of a year and writing the answer takes longer than
// other requests may wait.

import { createOnDemandThread } from './on-demand-thread.ts';
import type { Settings } from './settings.ts';

/** What the program of the thread gets when it starts. */
export interface ReportThreadData {
  /** The database file. */
  readonly path: string;
  readonly settings: Pick<Settings, 'reportTimeZone' | 'listProfile'>;
}

export interface ReportThreadQuestion {
  readonly url: string;
  readonly requestId: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface ReportThreadAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ArrayBuffer;
}

export interface ReportThread {
  /** Answers a GET request of a route in routes/reports.ts. */
  answer(request: Request, requestId: string): Promise<Response>;
  close(): Promise<void>;
}

const idleMs = 30_000;

export function createReportThread(data: ReportThreadData): ReportThread {
  const thread = createOnDemandThread({
    program: 'report-thread-program',
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 },
    idleMs,
  });
  return {
    async answer(request, requestId) {
      const question: ReportThreadQuestion = { url: request.url, requestId, headers: [...request.headers] };
      const { status, headers, body } = (await thread.ask(question)) as ReportThreadAnswer;
      return new Response(body, {
        status,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
      });
    },
    close: () => thread.close(),
  };
}
