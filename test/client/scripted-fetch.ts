// A fetch that answers what the test says, and keeps what it was asked.

export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export type Scripted = Response | Error | 'never';

/** Answers the calls in order; the last answer also answers those that follow. `never`: until the call is aborted. */
export function scriptedFetch(...answers: readonly Scripted[]) {
  const asked: Asked[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push({
      url,
      method: init.method!,
      headers: new Headers(init.headers),
      body: init.body,
    });
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== 'never') return Promise.resolve(answer.clone());
    const { signal } = init;
    return new Promise((_, reject) =>
      signal!.addEventListener('abort', () => reject(signal!.reason), { once: true }),
    );
  };
  return { fetch, asked };
}

export const json = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), {
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  });

/** An error of the service. */
export const refusal = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(
    JSON.stringify({
      type: 'urn:presend:problem:test',
      title: 'Refused',
      status,
      detail: 'For the test.',
      request_id: 'r1',
    }),
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );
