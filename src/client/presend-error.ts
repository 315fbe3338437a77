// The error of a request that did not succeed: problem details (RFC 9457) of the service, or what kept it from answering.

export interface ProblemDetails {
  /**
   * `urn:presend:problem:NAME`. From the client itself: `…:no-response` if the service did not answer, `…:timeout` if it did not
   * answer in time, and `…:not-presend` if something else answered, or no valid JSON. `about:blank` if the response had no
   * problem details.
   */
  readonly type: string;
  readonly title: string;
  /** The HTTP status; 0 if no response arrived. */
  readonly status: number;
  readonly detail?: string | undefined;
  /** The invalid fields: JSON Pointers (RFC 6901) into the request body. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] | undefined;
  readonly request_id?: string | undefined;
}

export class PresendError extends Error {
  override readonly name = 'PresendError';
  readonly problem: ProblemDetails;
  /** The HTTP status; 0 if no response arrived. */
  readonly status: number;
  /** The id of the request in the log of the service; null if it is unknown. */
  readonly requestId: string | null;
  /** In how many seconds the service asks to be called again; null if it did not say. */
  readonly retryAfter: number | null;

  constructor(
    problem: ProblemDetails,
    { requestId = null, retryAfter = null, cause }: Partial<PresendErrorContext> = {},
  ) {
    const details = problem.detail ?? problem.errors?.map(({ detail }) => detail).join('; ');
    super(details ? `${problem.title}: ${details}` : problem.title, cause === undefined ? {} : { cause });
    this.problem = problem;
    this.status = problem.status;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

interface PresendErrorContext {
  requestId: string | null;
  retryAfter: number | null;
  cause: unknown;
}

/** Returns the error for a response that is not a success. Reads its body. */
export async function errorOf(response: Response, retryAfter: number | null): Promise<PresendError> {
  const { status, headers } = response;
  const text = await response.text().catch(() => '');
  const found = parsed(text);
  const problem = {
    ...found,
    type: textOr(found['type'], 'about:blank'),
    title: textOr(found['title'], response.statusText || `HTTP status ${status}`),
    status,
  };
  const requestId = textOr(found['request_id'], headers.get('x-request-id'));
  return new PresendError(problem, { requestId, retryAfter });
}

/** Returns an error without a usable response of the service. */
export const clientError = (
  type: 'no-response' | 'timeout' | 'not-presend',
  title: string,
  { status = 0, cause }: { status?: number; cause?: unknown } = {},
): PresendError => new PresendError({ type: `urn:presend:problem:${type}`, title, status }, { cause });

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOr = <Otherwise>(value: unknown, otherwise: Otherwise): string | Otherwise =>
  typeof value === 'string' ? value : otherwise;
