// The lines of the log: their common fields, and a sentence for people who read them.

import { logContext } from './log-context.ts';

/**
 * The sentence for each event, by the name of the event. An event whose own fields already say what to do, such as
 * `policy_burst`, has none.
 */
const messages: Readonly<Record<string, string>> = {
  settings: 'A setting is ignored. The field "warning" names it.',
  resolver_overruled:
    'The DNS resolver in "resolver" disagreed with two others about a domain. If it does so often, replace it in DOH_URLS or DNS_SERVERS.',
  override_file_failed:
    'ALLOW_FILE or DENY_FILE could not be read. presend keeps using the previous lists. "error" says why.',
  data_pack_failed:
    'The data pack could not be used, so presend keeps using the lists of "version". "why" has the reason. If the file is damaged, write it again with "presend data update".',
  data_pack_used: 'presend now uses the lists of the data pack. "before" is the version that they replace.',
  data_pack_outdated:
    'The data pack is not used, because this release has newer lists. To download a newer data pack, run "presend data update".',
  own_domains_failed:
    'The allowed and denied domains could not be read from storage. presend uses the entries that it read last, or none if it has not read any since its start. If this continues, check the database.',
  drift:
    'The bounce rate of a source or mailbox provider differs from the prediction. GET /v1/reports/calibration says which one.',
  learning_failed:
    'Predictions or outcomes could not be read or stored. Verdicts still work. If this continues, check the database.',
  hook_counts_failed:
    'The event counts for GET /v1/hooks could not be stored. presend will try again. Events are still recorded. If this continues, check the database.',
  engagement_failed:
    'When people were last active could not be read, so lists are verified without it. If this continues, check the database.',
  event_history_failed:
    'Events of an earlier version could not be counted for the reports. presend will try again. Newer events are counted. If this continues, check the database.',
  policy_watch_failed:
    'presend could not check whether a mailbox provider refuses much of your mail. Events are still recorded. If this continues, check the database.',
  incident_opened:
    'Something stands out in the delivery events: "kind" says what, and "advice" what to do. GET /v1/reports/incidents has the evidence.',
  incident_changed:
    'An open incident became better or worse, or affects other mail. GET /v1/reports/incidents has the evidence.',
  incident_closed: 'An incident is over: its rate is back to normal, or no such mail is sent.',
  incident_diagnosed:
    'presend found a cause for an incident. "blame" says who has to act: the sender, the list or a provider, if it is known. GET /v1/reports/incidents explains it in the field "diagnosis".',
  sender_dns_changed:
    'The DNS of a domain in PREFLIGHT_DOMAINS changed. "appeared" has the faults that are new, "gone" those that are mended. GET /v1/preflights has the records to publish.',
  suppression_list_failed:
    'The suppression list could not be read from the database. Until it can be, most addresses get the result "unknown". If this continues, check the database.',
  mailbox_proof_failed:
    'What is known about mailboxes could not be read from the database. Verdicts are given without it. If this continues, check the database.',
  prober_off:
    'Mail hosts are not asked about mailboxes, because a check of the set-up failed. "faults" says what was seen and what to do. presend checks again at "next_check"; "presend doctor" checks at once.',
  prober_ready:
    'Mail hosts may be asked about mailboxes: port 25 is open, and the names, SPF and blocklists are in order.',
  prober_refused:
    'A mail host refuses this prober, for the reason in "cause". It rests. If several do, see docs/mailbox-proof.md.',
  prober_failed:
    'The presend at PROBE_URL did not answer as it should: "cause" says how. Nothing is told about the mailboxes. If it is status 401 or 403, check PROBE_KEY.',
  job_work_failed:
    'Work in the background failed, such as verifying a list or deleting old events. presend will try again. If this continues, check the database and the file storage.',
  cold_events_failed:
    'Older delivery events could not be moved to files, read from them or erased. presend will try again; nothing is lost. If this continues, check the database, the file storage ("file" names the file) and the free disk space.',
  cold_file_damaged:
    'The file with older delivery events in "file" is missing or damaged. presend keeps it and tries again in an hour. Restore it from a backup; until then erased persons may still be in it.',
  no_resolver_answers:
    'No DNS resolver answers, so every verdict that needs DNS will be "unknown", and /readyz is 503. "resolvers" has the cause of each. Set resolvers that this machine can reach: "set" has those of the operating system, which answer, or "example" shows the form.',
  resolvers_answer: 'A DNS resolver answers again.',
  resolver_wrong:
    'A DNS resolver gives false answers: "seen" says which. It can make verdicts wrong. Replace it in DOH_URLS or DNS_SERVERS.',
  resolver_fails:
    'A DNS resolver does not work: "seen" has the cause. presend uses the others. If this continues, replace it in DOH_URLS or DNS_SERVERS.',
  not_configured: 'The Worker answers 503 until the setting that "mistake" names is right.',
  resolvers_out:
    'No DNS resolver answers. The verification of lists pauses for "rest_ms" milliseconds. If this continues, check the network and DOH_URLS or DNS_SERVERS.',
  suppression_webhook_given_up:
    'The receiver at SUPPRESSION_WEBHOOK_URL did not accept a webhook for three days, or it answered 410 Gone, so it lacks some changes of the suppression list. Update it with the whole list from GET /v1/suppressions/export.',
  suppression_webhook_failed:
    'The database did not store whether changes of the suppression list must be sent to SUPPRESSION_WEBHOOK_URL. If it is set, some may not be sent. Check the database, then restart the service.',
  alert_given_up:
    'A receiver in ALERT_URLS or ALERT_EMAIL did not accept alerts for three days, or it answered 410 Gone. "cause" has the reason of the last attempt, and GET /v1/alerts the alerts. To try the receivers, run "presend alerts test".',
  alerts_failed:
    'What to alert about could not be read from the database, or alerts could not be stored. presend will try again. If this continues, check the database.',
  traces_failed:
    'The collector at OTEL_EXPORTER_OTLP_ENDPOINT did not take spans, and they are lost. "cause" says why. Requests are answered all the same.',
  metrics_failed:
    'The metrics that come from the database could not be read, so /metrics lacks them. If this continues, check the database.',
  entries_under_another_key:
    'Some entries of the suppression list were stored with another key, so they stop no mail. Use the earlier key again: in ADDRESS_HASH_KEY, or in the file address-hash-key beside the database.',
  storage_not_ready: 'The database could not be read or written. Check the database and the free disk space.',
  unexpected_error:
    'A request failed because of a fault of the service or its storage. The other fields of this line describe the error.',
  webhook_refused:
    'A webhook in the name of "provider" was refused. "why" has the reason. If it is about the signature or the credentials, compare the signing key or password at the provider with the settings of presend.',
  webhook_unknown_event:
    'The email service provider sent an event of a type that presend does not know ("label"). The event was recorded and has no effect.',
  webhook_confirmation:
    'The email service provider asked to confirm the webhook subscription. "confirmed" says whether presend did so.',
  gate_changed:
    'The answer of POST /v1/gate about a campaign changed from "before" to "decision". "reasons" says why.',
  gate_failed:
    'Events could not be counted for POST /v1/gate, so its answers may be too lenient. Events are still recorded. If this continues, check the database.',
  gate_callback_given_up:
    'The receiver at GATE_CALLBACK_URL did not accept a webhook for three days, or it answered 410 Gone. Ask POST /v1/gate for the present decision.',
  crm_api_failed:
    'The API of the CRM did not answer a call as expected. "status" is its HTTP status, or "no answer". If it is 401 or 403, check the API token of the CRM in the settings of presend.',
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
