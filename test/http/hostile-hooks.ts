// Unsigned webhooks that are slow to parse, and the settings with which every webhook is on.

import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { samples as crmSamples, sampleSettings } from '../crm/samples.ts';
import { samples as espSamples } from '../esp/samples.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data; boundary=edge';
const xml = 'text/xml';

interface HostileBody {
  readonly type: string;
  /** Returns a body of about `size` bytes, and never more. */
  readonly make: (size: number) => string;
}

const repeat = (piece: string, size: number) => piece.repeat(Math.max(1, Math.floor(size / piece.length)));
const within = (start: string, piece: string, end: string, size: number) =>
  start + repeat(piece, size - start.length - end.length) + end;

function keys(size: number): string {
  const names: string[] = [];
  for (let length = 2; length < size - 20; length += names.at(-1)!.length + 1)
    names.push(`"${names.length.toString(36)}":1`);
  return `{${names.slice(0, -1).join()}}`;
}

/** Bodies by what is in them. */
export const hostileBodies: Readonly<Record<string, HostileBody>> = {
  'form of empty pairs': { type: form, make: (size) => repeat('a&', size) },
  'form of tiny fields': { type: form, make: (size) => repeat('a=b&', size) },
  'form of escapes': { type: form, make: (size) => within('a=', '%41', '', size) },
  'form of escaped names': { type: form, make: (size) => repeat('%61=%62&', size) },
  'form of broken escapes': { type: form, make: (size) => within('a=', '%4', '', size) },
  'form of pluses': { type: form, make: (size) => within('a=', '+', '', size) },
  'form of equals signs': { type: form, make: (size) => repeat('=', size) },
  'form of 1,000 long names': {
    type: form,
    make: (size) => `${'a'.repeat(Math.floor(size / 1000) - 9)}=1&`.repeat(999),
  },
  'form of 1,000 escaped names': {
    type: form,
    make: (size) => `${'%61'.repeat(Math.floor(size / 3000) - 9)}=%61&`.repeat(999),
  },
  'form with a deep JSON field': {
    type: form,
    make: (size) => within('mandrill_events=', '%5B', '', size),
  },
  'JSON of brackets': { type: json, make: (size) => repeat('[', size) },
  'JSON of nested objects': { type: json, make: (size) => repeat('{"a":', size) },
  'JSON of pairs of brackets': { type: json, make: (size) => within('[', '[],', '[]]', size) },
  'JSON of numbers': { type: json, make: (size) => within('[', '1e-9,', '1]', size) },
  'JSON of keys': { type: json, make: keys },
  'JSON of one key': { type: json, make: (size) => within('{', '"a":1,', '"a":1}', size) },
  'JSON of escapes': { type: json, make: (size) => within('"', '\\u0041', '"', size) },
  'JSON of backslashes': { type: json, make: (size) => within('"', '\\\\', '"', size) },
  'JSON of quotes': { type: json, make: (size) => within('[', '"",', '""]', size) },
  'JSON of one long string': { type: json, make: (size) => within('{"a":"', 'a', '"}', size) },
  'JSON of commas in a string': { type: json, make: (size) => within('{"a":"', ',[{', '"}', size) },
  'JSON string without an end': { type: json, make: (size) => within('{"a":"', 'a,', '', size) },
  'JSON of spaces': { type: json, make: (size) => within('{"a":', ' ', '1}', size) },
  'JSON of byte order marks': { type: json, make: (size) => '\ufeff'.repeat(Math.floor(size / 3)) },
  'JSON of wide characters': { type: json, make: (size) => `"${'本'.repeat(Math.floor(size / 3) - 1)}"` },
  'JSON of "auth" fields': { type: json, make: (size) => repeat(`"auth" : ${' '.repeat(50)}`, size) },
  'JSON of unfinished "auth" fields': { type: json, make: (size) => repeat('"auth":"', size) },
  'JSON of "signature" fields': {
    type: json,
    make: (size) => within('{', '"signature":{"token":1},', '"a":1}', size),
  },
  'multipart of empty parts': { type: multipart, make: (size) => repeat('--edge\r\n\r\n\r\n', size) },
  'multipart of tiny fields': {
    type: multipart,
    make: (size) => repeat('--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n', size),
  },
  'multipart of dashes': { type: multipart, make: (size) => within('--edge\r\n\r\n', '\r\n--', '', size) },
  'XML of nested elements': { type: xml, make: (size) => repeat('<a>', size) },
  'XML of attributes': { type: xml, make: (size) => within('<a ', 'b="c" ', '/>', size) },
  'XML of entities': { type: xml, make: (size) => within('<a>', '&lt;', '</a>', size) },
  'XML of open comments': { type: xml, make: (size) => repeat('<!--', size) },
};

export interface HookTarget {
  readonly name: string;
  readonly path: string;
  /** The size of the largest body that the route reads, in bytes. */
  readonly maxBytes: number;
  /** Headers that pass every check except that of the secret or the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

const unsigned = (headers: Headers, path: string, name: string, maxBytes: number): HookTarget => {
  headers.delete('content-type');
  if (headers.has('authorization')) headers.set('authorization', `Basic ${btoa('any:wrong')}`);
  return { name, path, maxBytes, headers: Object.fromEntries(headers) };
};

/** The time for which `hookTargets` has its headers, in epoch milliseconds. */
export const hookTime = Date.UTC(2026, 10, 20, 12);

/** Every webhook route. */
export async function hookTargets(): Promise<HookTarget[]> {
  const esps = espAdapters.map(async ({ name, maxBytes = 4 * 1024 * 1024 }) => {
    const { request } = await espSamples[name]!.sign();
    return unsigned(new Headers(request.headers as Headers), `/v1/hooks/esp/${name}`, name, maxBytes);
  });
  const crms = crmAdapters.map(async ({ name, maxBytes }) => {
    const sample = crmSamples.find((each) => each.name === name)!;
    const hook = await sample.make([{ id: '1', email: 'jane@example.net' }], hookTime);
    const path = hook.path.replace(/(?<==)[^&]*/g, 'wrong');
    return unsigned(new Headers({ ...hook.headers }), path, name, maxBytes);
  });
  return Promise.all([...esps, ...crms]);
}

/** Settings with which every webhook is configured. */
export async function hookSettings(): Promise<Record<string, string>> {
  const settings: Record<string, string> = { ...sampleSettings };
  for (const { name } of espAdapters) {
    const { secrets } = await espSamples[name]!.sign();
    const prefix = `ESP_${name.toUpperCase()}`;
    const values = {
      SIGNING_KEYS: secrets.signingKeys?.join(),
      SHARED_SECRETS: secrets.sharedSecrets?.join(),
      TOPICS: secrets.topics?.join(),
      WEBHOOK_URL: secrets.webhookUrl,
    };
    for (const [setting, value] of Object.entries(values))
      if (value !== undefined) settings[`${prefix}_${setting}`] = value;
  }
  return settings;
}
