// Turns an upload into a job: streams the file to storage, and creates the job when the whole file has arrived.

import type { Bytes, FileStore } from '../storage/files/file-store.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import type { ListProfile } from '../verdict/decay.ts';
import { xlsxMediaType } from '../xlsx/workbook-limits.ts';
import type { Job, JobOptions, ListFormat } from './job.ts';
import { jobFolder, uploadedFile } from './job-files.ts';
import type { JobRepository } from './job-repository.ts';
import { type FormPart, formParts, MalformedForm } from './multipart.ts';

/** Computes the SHA-256 of data that arrives in pieces. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Returns the digest in lower-case hex. May be called only once. */
  hex(): string;
}

export interface SubmitPorts {
  readonly repository: JobRepository;
  readonly files: FileStore;
  readonly newDigest: () => Digest;
  readonly now: () => number;
  readonly maxUploadBytes: number;
  /** Milliseconds for which a list is kept, and verified again and again, if the caller asks for it (`keep`). */
  readonly keptListMs: number;
  /** The kind of a list whose upload does not say it. Absent or null: unknown. */
  readonly listProfile?: ListProfile | null;
}

/** Maximum number of rows in the sample of a job, which is held in memory. */
export const mostSampled = 10_000;

/** The parameters of the request besides the file. */
export interface SubmitFields {
  readonly name: string | null;
  readonly emailColumn: string | null;
  readonly lastVerifiedColumn?: string;
  readonly sourceColumn?: string;
  readonly maxAgeDays: number;
  /** The mail that the list is for. Absent or null: marketing mail. */
  readonly question?: MailQuestion | null;
  readonly writing?: NonNullable<JobOptions['writing']>;
  readonly split?: boolean;
  readonly goal?: number;
  readonly sample?: number;
  readonly sheet?: string;
  readonly proof?: true;
  readonly callbackUrl: string | null;
  readonly keep: boolean;
}

export type FieldsOutcome<Mistake> =
  | { readonly ok: true; readonly fields: SubmitFields }
  | { readonly ok: false; readonly mistake: Mistake };

export interface Upload<Mistake> {
  readonly body: AsyncIterable<Bytes>;
  /** The boundary of the multipart form. Null: the body is not a form but the file itself, in `format`. */
  readonly formBoundary: string | null;
  /** The format of the file. Null: detect it from the contents. */
  readonly format: ListFormat | null;
  readonly query: Readonly<Record<string, string>>;
  /** Reads the parameters. They are given in the query and in the fields of the form; the form overrides the query. */
  readonly readFields: (given: Readonly<Record<string, string>>) => FieldsOutcome<Mistake>;
  readonly idempotencyKey: string | null;
  /**
   * Whether a person uploads the file in the console: the job waits for `Jobs.start`, is named after the file, and the file may
   * have any media type, because a file of the wrong kind is best refused by what it contains.
   */
  readonly isDraft?: boolean;
}

export type Submission<Mistake> =
  | { readonly kind: 'created' | 'repeated'; readonly job: Job }
  /** The Idempotency-Key was already used for a different request. */
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'wrong_fields'; readonly mistake: Mistake }
  | { readonly kind: 'too_large' }
  /** The body ended early. `cause` is the error of its iterator. */
  | { readonly kind: 'broken_off'; readonly cause: unknown }
  | { readonly kind: 'no_file' }
  /** A file was sent, but it has no bytes. */
  | { readonly kind: 'empty_file' }
  | { readonly kind: 'malformed_form' };

class TooLarge extends Error {}
class UploadAborted extends Error {}

/** Returns a new job id. It has 128 random bits, so it cannot be guessed. */
export const newJobId = (): string =>
  `job_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}`;

/**
 * The media types that an uploaded list may have, each with the format of the list. Null: detect the format from the
 * contents.
 */
export const listMediaTypes: Readonly<Record<string, ListFormat | null>> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'application/x-csv': 'csv',
  'text/x-csv': 'csv',
  'text/comma-separated-values': 'csv',
  'text/x-comma-separated-values': 'csv',
  // Browsers send this type for a .csv file if Excel is installed.
  'application/vnd.ms-excel': 'csv',
  'text/tab-separated-values': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  // Workbooks are detected from the contents, whatever their media type.
  [xlsxMediaType]: null,
  'application/vnd.ms-excel.sheet.macroenabled.12': null,
  'text/plain': null,
  'application/octet-stream': null,
};

/**
 * Stores an upload and creates its job. Rejects if storage fails. `maintain` later removes stored data that could not
 * be removed.
 */
export async function submitList<Mistake>(
  ports: SubmitPorts,
  upload: Upload<Mistake>,
): Promise<Submission<Mistake>> {
  const { repository, files } = ports;
  const id = newJobId();
  await repository.beginUpload(id, ports.now());
  let submission: Submission<Mistake> | null = null;
  try {
    submission = await receive(ports, upload, id);
    return submission;
  } finally {
    if (submission?.kind !== 'created') {
      await files.removeFolder(jobFolder(id));
      await repository.endUpload(id);
    }
  }
}

async function receive<Mistake>(
  ports: SubmitPorts,
  upload: Upload<Mistake>,
  id: string,
): Promise<Submission<Mistake>> {
  const { repository, files, now } = ports;
  const digest = ports.newDigest();
  const given: Record<string, string> = { ...upload.query };
  // Without a form, reject wrong query parameters before the file is read. The fields of a form could still override
  // them.
  const early = upload.readFields(given);
  if (!early.ok && upload.formBoundary === null) return { kind: 'wrong_fields', mistake: early.mistake };

  let bytes: number | null = null;
  let format: ListFormat | null = upload.format;
  const body = limited(upload.body, ports.maxUploadBytes);
  const storeFile = async (content: AsyncIterable<Bytes>): Promise<void> => {
    bytes = await files.put(uploadedFile(id), digested(content, digest));
  };
  try {
    if (upload.formBoundary === null) await storeFile(body);
    else
      for await (const part of formParts(body, upload.formBoundary)) {
        if (part.kind === 'field') given[part.name] = part.value;
        // Browsers send a file field that the user left empty as a file without bytes.
        else if (!bytes && (isList(part) || upload.isDraft)) {
          if (upload.isDraft) given['name'] ??= nameOfFile(part.fileName);
          format = upload.isDraft ? null : (listMediaTypes[part.mediaType] ?? null);
          await storeFile(part.content);
        }
      }
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'too_large' };
    if (error instanceof UploadAborted) return { kind: 'broken_off', cause: error.cause };
    if (error instanceof MalformedForm) return { kind: 'malformed_form' };
    throw error;
  }
  if (bytes === null) return { kind: 'no_file' };
  if (bytes === 0) return { kind: 'empty_file' };
  const read = upload.readFields(given);
  if (!read.ok) return { kind: 'wrong_fields', mistake: read.mistake };

  const { name, callbackUrl, keep } = read.fields;
  const options = jobOptionsOf(read.fields, { format, listProfile: ports.listProfile ?? null });
  digest.update(new TextEncoder().encode(JSON.stringify([options, name, callbackUrl, keep])));
  const requestFingerprint = digest.hex();
  const requestKey = upload.idempotencyKey === null ? null : sha256(ports, upload.idempotencyKey);
  const createdAt = now();
  const created = await repository.create({
    id,
    name,
    options,
    bytes,
    createdAt,
    callbackUrl,
    requestKey,
    requestFingerprint,
    keptUntil: keep ? createdAt + ports.keptListMs : null,
    follows: null,
    ...(upload.isDraft && { paused: true }),
  });
  if (created) return { kind: 'created', job: (await repository.job(id))! };
  const earlier = await repository.ofRequest(requestKey!);
  return earlier?.fingerprint === requestFingerprint
    ? { kind: 'repeated', job: earlier.job }
    : { kind: 'key_reused' };
}

/** The options of a job for the parameters of a request. `listProfile`: see `SubmitPorts`. */
export function jobOptionsOf(
  fields: SubmitFields,
  { format, listProfile }: { readonly format: ListFormat | null; readonly listProfile: ListProfile | null },
): JobOptions {
  const { emailColumn, lastVerifiedColumn, sourceColumn, maxAgeDays } = fields;
  const { question, split, sheet, goal, sample, proof } = fields;
  const profile = fields.writing?.profile ?? listProfile;
  const writing = profile ? { ...fields.writing, profile } : fields.writing;
  return {
    format,
    emailColumn,
    ...(lastVerifiedColumn !== undefined && { lastVerifiedColumn }),
    ...(sourceColumn !== undefined && { sourceColumn }),
    maxAgeDays,
    ...(question && { question }),
    ...(writing && { writing }),
    ...(split && { split }),
    ...(goal !== undefined && { goal }),
    ...(sample !== undefined && { sample }),
    ...(sheet !== undefined && { sheet }),
    ...(proof && { proof }),
  };
}

/** The name of a list whose file has this name. Empty if the name of the file contains an address or nothing readable. */
function nameOfFile(fileName: string): string {
  const name = fileName
    .replace(/^.*[\\/]/, '')
    .replace(/\.(?:csv|tsv|txt|xlsx|xlsm|ndjson|jsonl|json)$/i, '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, 100)
    .trim();
  return name.includes('@') ? '' : name;
}

const isList = (part: FormPart & { kind: 'file' }): boolean => Object.hasOwn(listMediaTypes, part.mediaType);

const sha256 = ({ newDigest }: SubmitPorts, text: string): string => {
  const digest = newDigest();
  digest.update(new TextEncoder().encode(text));
  return digest.hex();
};

async function* digested(content: AsyncIterable<Bytes>, digest: Digest): AsyncGenerator<Bytes> {
  for await (const chunk of content) {
    digest.update(chunk);
    yield chunk;
  }
}

async function* limited(content: AsyncIterable<Bytes>, most: number): AsyncGenerator<Bytes> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    for (let length = 0; ; ) {
      const next = await chunks.next().catch((cause: unknown) => {
        throw new UploadAborted('', { cause });
      });
      if (next.done) return;
      length += next.value.length;
      if (length > most) throw new TooLarge();
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
