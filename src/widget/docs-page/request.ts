// Turns what a person entered into a form "Try it" into a request.

export interface FilePart {
  readonly name: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface TryInput {
  readonly method: string;
  /** The path, with parameters in braces, such as `/v1/jobs/{id}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly value: string;
    readonly place: 'path' | 'query' | 'header';
  }[];
  /** A text, the files of a form, or null. Empty files are not sent. */
  readonly body: { readonly mediaType: string; readonly text: string } | readonly FilePart[] | null;
}

/**
 * `url` is relative to the service. An empty parameter or key is not sent. The key is sent in a header only, never in the URL.
 */
export function requestOf(
  { method, path, parameters, body }: TryInput,
  key: string,
): { readonly url: string; readonly init: RequestInit } {
  const filled = parameters.filter(({ value }) => value !== '');
  const at = (wanted: string) => filled.filter(({ place }) => place === wanted);
  const target = path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(at('path').find((one) => one.name === name)?.value ?? ''),
  );
  const query = new URLSearchParams(at('query').map(({ name, value }) => [name, value])).toString();
  const headers = new Headers(at('header').map(({ name, value }): [string, string] => [name, value]));
  if (key !== '') headers.set('authorization', `Bearer ${key}`);
  const init: RequestInit = { method, headers };
  if (body !== null && !isForm(body)) {
    headers.set('content-type', body.mediaType);
    init.body = body.text;
  } else if (body !== null) {
    const form = new FormData();
    for (const { name, fileName, mediaType, text } of body)
      if (text !== '') form.append(name, new Blob([text], { type: mediaType }), fileName);
    init.body = form;
  }
  return { url: query === '' ? target : `${target}?${query}`, init };
}

const isForm = (body: NonNullable<TryInput['body']>): body is readonly FilePart[] => Array.isArray(body);
