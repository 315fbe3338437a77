// Code that sends an example request: curl for a shell, JavaScript with `fetch`, and Python with its standard library. The key
// is read from the environment variable PRESEND_KEY, so copied code contains none.

import type { FileExample } from '../operation.ts';
import type { ExampleRequest } from './documented.ts';

/** The service in snippets. The page /docs replaces it by the origin of the service that serves the page. */
export const snippetOrigin = 'http://127.0.0.1:8787';

/** The languages of the snippets by their ids. */
export const snippetLanguages = { curl: 'curl', js: 'JavaScript', python: 'Python' } as const;

export type SnippetLanguage = keyof typeof snippetLanguages;

export const snippetOf: Readonly<Record<SnippetLanguage, (request: ExampleRequest) => string>> = {
  curl: curlOf,
  js: javaScriptOf,
  python: pythonOf,
};

/** The headers of a request without its key. A form sets its own Content-Type. */
function headersOf({ headers, body }: ExampleRequest): [name: string, value: string][] {
  const type = body?.kind === 'json' ? 'application/json' : body?.kind === 'text' ? body.mediaType : null;
  return [...Object.entries(headers), ...(type === null ? [] : [['Content-Type', type] as [string, string]])];
}

function curlOf(request: ExampleRequest): string {
  const { method, target, needsKey, body, answer } = request;
  const implied = body === null ? 'GET' : 'POST';
  const isStream = target.endsWith('/events');
  return [
    `curl -s${isStream ? 'N' : ''}${answer === 'none' ? 'i' : ''}${method === implied ? '' : ` -X ${method}`} ${quoted(snippetOrigin + target)}`,
    ...(needsKey ? ['-H "Authorization: Bearer $PRESEND_KEY"'] : []),
    ...headersOf(request).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...curlBody(body),
  ].join(' \\\n  ');
}

function curlBody(body: ExampleRequest['body']): string[] {
  switch (body?.kind) {
    case 'json':
      return [`-d ${quoted(JSON.stringify(body.value))}`];
    case 'text':
      return [`--data-binary ${quoted(body.text)}`];
    case 'form':
      return Object.entries(body.files).map(
        ([name, { fileName, mediaType, text }]) =>
          `-F ${quoted(`${name}=${text};filename=${fileName};type=${mediaType}`)}`,
      );
    default:
      return [];
  }
}

/** A word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function javaScriptOf(request: ExampleRequest): string {
  const { method, target, needsKey, body, answer } = request;
  const headers = [
    ...(needsKey ? ['Authorization: `Bearer $' + '{process.env.PRESEND_KEY}`,'] : []),
    ...headersOf(request).map(([name, value]) => `${propertyName(name)}: ${literal(value)},`),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`method: ${literal(method)},`]),
    ...(headers.length === 0 ? [] : ['headers: {', ...headers.map((line) => `  ${line}`), '},']),
    ...(body === null ? [] : [`body${javaScriptBody(body)},`]),
  ];
  const url = literal(snippetOrigin + target);
  const call =
    options.length === 0 ? `fetch(${url})` : `fetch(${url}, {\n${indented(options.join('\n'))}\n})`;
  const read = { json: ', await response.json()', text: ', await response.text()', none: '' }[answer];
  return [
    ...(body?.kind === 'form' ? formLines(body.files) : []),
    `const response = await ${call};`,
    `console.log(response.status${read});`,
  ].join('\n');
}

function javaScriptBody(body: NonNullable<ExampleRequest['body']>): string {
  if (body.kind === 'form') return '';
  return `: ${body.kind === 'json' ? `JSON.stringify(${literal(body.value)})` : literal(body.text)}`;
}

const formLines = (files: Readonly<Record<string, FileExample>>): string[] => [
  'const body = new FormData();',
  ...Object.entries(files).map(
    ([name, { fileName, mediaType, text }]) =>
      `body.append(${literal(name)}, new Blob([${literal(text)}], { type: ${literal(mediaType)} }), ${literal(fileName)});`,
  ),
  '',
];

/** Writes a JSON value as JavaScript with single quotes. */
function literal(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${propertyName(name)}: ${literal(field)}`);
  return fields.join(', ').length <= 60
    ? `{ ${fields.join(', ')} }`
    : `{\n${indented(fields.map((field) => `${field},`).join('\n'))}\n}`;
}

const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

const indented = (text: string, by = '  '): string => text.replaceAll(/^(?=.)/gm, by);

function pythonOf(request: ExampleRequest): string {
  const { method, target, needsKey, body, answer } = request;
  const type = body?.kind === 'form' ? [['Content-Type', 'multipart/form-data; boundary=presend']] : [];
  const headers = [
    ...(needsKey ? [`"Authorization": f"Bearer {os.environ['PRESEND_KEY']}",`] : []),
    ...[...headersOf(request), ...type].map(
      ([name, value]) => `${pythonText(name!)}: ${pythonText(value!)},`,
    ),
  ];
  const data = body === null ? null : pythonData(body);
  const options = [
    `${pythonText(snippetOrigin + target)},`,
    `method=${pythonText(method)},`,
    ...(headers.length === 0 ? [] : ['headers={', ...headers.map((line) => `    ${line}`), '},']),
    ...(data === null ? [] : [`data=${data},`]),
  ];
  const read = { json: ', json.load(response)', text: ', response.read().decode()', none: '' }[answer];
  const imports = [
    ...(answer === 'json' || body?.kind === 'json' ? ['json'] : []),
    ...(needsKey ? ['os'] : []),
    'urllib.request',
  ];
  return [
    ...imports.map((name) => `import ${name}`),
    '',
    ...(body?.kind === 'form' ? pythonForm(body.files) : []),
    'request = urllib.request.Request(',
    indented(options.join('\n'), '    '),
    ')',
    'with urllib.request.urlopen(request) as response:',
    `    print(response.status${read})`,
  ].join('\n');
}

function pythonData(body: NonNullable<ExampleRequest['body']>): string {
  if (body.kind === 'form') return 'body.encode()';
  return body.kind === 'json'
    ? `json.dumps(${pythonLiteral(body.value)}).encode()`
    : `${pythonText(body.text)}.encode()`;
}

/** A form with files (RFC 7578), which the standard library of Python cannot write itself. */
const pythonForm = (files: Readonly<Record<string, FileExample>>): string[] => [
  'files = [',
  ...Object.entries(files).map(
    ([name, { fileName, mediaType, text }]) =>
      `    (${[name, fileName, mediaType, text].map(pythonText).join(', ')}),`,
  ),
  ']',
  'body = "".join(',
  `    f'--presend\\r\\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\\r\\n'`,
  '    f"Content-Type: {media_type}\\r\\n\\r\\n{text}\\r\\n"',
  '    for name, file_name, media_type, text in files',
  ') + "--presend--\\r\\n"',
  '',
];

const pythonText = (text: string): string => JSON.stringify(text);

/** Writes a JSON value as Python. */
function pythonLiteral(value: unknown): string {
  if (typeof value === 'string') return pythonText(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${pythonText(name)}: ${pythonLiteral(field)}`);
  return fields.join(', ').length <= 60
    ? `{${fields.join(', ')}}`
    : `{\n${indented(fields.map((field) => `${field},`).join('\n'), '    ')}\n}`;
}
