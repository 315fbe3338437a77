// Reads the settings of traces, which have the names of the OpenTelemetry specification
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).

export interface TraceSettings {
  /** Where spans are posted: OTEL_EXPORTER_OTLP_ENDPOINT and /v1/traces. */
  readonly url: string;
  /** May contain secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** `text` returns a setting, null if it is not set. The returned mistakes contain no value of a setting. */
export function readTraceSettings(text: (name: string) => string | null): {
  readonly settings: TraceSettings | null;
  readonly mistakes: readonly string[];
} {
  const endpoint = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const headerText = text('OTEL_EXPORTER_OTLP_HEADERS');
  const serviceName = text('OTEL_SERVICE_NAME') ?? 'presend';
  if (endpoint === null) return { settings: null, mistakes: [] };
  const mistakes: string[] = [];
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    mistakes.push('OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://127.0.0.1:4318.');
  const headers: Record<string, string> = {};
  for (const pair of headerText?.split(',') ?? []) {
    const [, name, value] = /^\s*([\w-]+)=(.*)$/.exec(pair) ?? [];
    if (name === undefined)
      mistakes.push('OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, separated by commas.');
    else headers[name] = decoded(value!.trim());
  }
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  return { settings: { url, headers, serviceName }, mistakes };
}

/** Decodes a percent-encoded value. If it is not valid percent-encoding, returns it unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
