// The lines of the log: their common fields, and a sentence for people who read them.

import { logContext } from './log-context.ts';

/**
 * The sentence for each event, by the name of the event. An event whose own fields already say what to do, such as
 * `policy_burst`, has none.
 */
const messages: Readonly<Record<string, string>> = {
  settings: 'A setting is ignored. The field "warning" names it.',
  resolver_overruled:
    'A DNS resolver disagreed with two others about a domain. If it does so often, replace it in DOH_URLS or DNS_SERVERS.',
  override_file_failed:
    'ALLOW_FILE or DENY_FILE could not be read. presend keeps using the previous lists. `error` names the file and the line.',
  data_pack_failed:
    'The data pack could not be used. presend keeps using the lists that it used before. "why" has the reason; "presend data update" writes the file again.',
  data_pack_used: 'The lists of the data pack are in use. "before" is the version that they replace.',
  data_pack_outdated:
    'The data pack is not used, because this release has newer lists. "presend data update" replaces it.',
  own_domains_failed:
    'The allowed and denied domains could not be read from storage. The last known entries are used. If this continues, check the database.',
  drift:
    'The bounce rate of a source or provider differs from the prediction. See GET /v1/reports/calibration.',
  learning_failed:
    'Predictions or outcomes could not be stored. Verdicts still work. If this continues, check the database.',
  hook_counts_failed:
    'The numbers of GET /v1/hooks could not be stored, and will be stored later. Events are still recorded. If this continues, check the database.',
  policy_watch_failed:
    'presend could not check whether a provider refuses much of your mail. Events are still recorded. If this continues, check the database.',
  suppression_list_failed:
    'The suppression list could not be read from the database. Until it can be, addresses that would be "deliverable" get the result "unknown".',
  job_work_failed: 'Work on a list failed and will be repeated. If this continues, check the database.',
  no_resolver_answers:
    'No DNS resolver answers, so every verdict will be "unknown", and /readyz is 503. "resolvers" has the cause of each. Set resolvers that this machine can reach, as in "set" (these are the system\'s own, and they answer) or in "example".',
  resolvers_answer: 'A DNS resolver answers again.',
  resolver_wrong:
    'A DNS resolver gives false answers: "seen" says which. It can make verdicts wrong. Replace it in DOH_URLS or DNS_SERVERS.',
  resolver_fails:
    'A DNS resolver does not work: "seen" has the cause. presend uses the others. If this continues, replace it in DOH_URLS or DNS_SERVERS.',
  not_configured: 'The Worker answers 503 until the setting that "mistake" names is right.',
  resolvers_out: 'No DNS resolver answers. Work on lists pauses for "rest_ms" milliseconds.',
  suppression_webhook_given_up:
    'The receiver at SUPPRESSION_WEBHOOK_URL did not accept a webhook for three days, so it lacks some changes of the suppression list. Update it with the whole list from GET /v1/suppressions/export.',
  suppression_webhook_failed:
    'Changes of the suppression list could not be prepared for SUPPRESSION_WEBHOOK_URL. Check the database, then restart the service.',
  entries_under_another_key:
    'Some entries of the suppression list were stored with another ADDRESS_HASH_KEY, so they stop no mail. Set ADDRESS_HASH_KEY to the earlier key again.',
  storage_not_ready: 'The database could not be read or written. Check the database and the free disk space.',
  unexpected_error:
    'A request failed because of a fault of the service or its storage. The other fields of this line describe the error.',
  webhook_refused:
    'A webhook was refused: "why" has the reason. Compare the signing key or password at the vendor with the settings.',
  webhook_unknown_event: 'The provider sent an event of an unknown type. It was recorded and has no effect.',
  webhook_confirmation:
    'The provider asked to confirm the webhook subscription. "confirmed" says whether presend did so.',
  crm_api_failed:
    'The API of the CRM did not answer as expected. Check the API token in the settings of the CRM.',
};

/** Returns the log line with its sentence in `message`, or unchanged if its event has no sentence. */
export function withMessage(line: object): object {
  const message = messages[(line as { readonly event?: string }).event ?? ''];
  return message === undefined ? line : { ...line, message };
}

/**
 * Returns the JSON of a log line: its time and level, the event with its own fields, the request or task that it belongs to, and its
 * sentence. `at` is in epoch milliseconds.
 */
export function eventLine(line: LogFields, at: number): string {
  const { level, event, ...fields } = line;
  return JSON.stringify(
    withMessage({ time: new Date(at).toISOString(), level, event, ...logContext(), ...fields }),
  );
}

/** What the code that logs says. It must not contain an address. */
export interface LogFields {
  readonly level: 'info' | 'warning' | 'error';
  readonly event: string;
  readonly [field: string]: unknown;
}
