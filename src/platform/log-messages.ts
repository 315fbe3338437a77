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
  data_pack_used:
    'presend now uses the lists of the data pack. "version" is their version, and "before" the version that they replace.',
  data_pack_outdated:
    'The data pack is not used, because this release has newer lists. To download a newer data pack, run "presend data update".',
  own_domains_failed:
    'The allowed and denied domains could not be read from storage. presend uses the entries that it read last, or none if it has not read any since its start. If this continues, check the database.',
  drift:
    'The bounce rate of a source or mailbox provider differs from the prediction. GET /v1/reports/calibration says which one.',
  learning_failed:
    'The predictions for addresses, or whether these addresses bounced, could not be read or stored. Verdicts still work. If this continues, check the database.',
  key_uses_failed:
    'How often each key was used today could not be stored. presend will try again. Keys work as before. If this continues, check the database.',
  hook_counts_failed:
    'The event counts for GET /v1/hooks could not be stored. presend will try again. Events are still recorded. If this continues, check the database.',
  engagement_failed:
    'presend could not read from the database when people were last active, so it verifies lists without this information. If this continues, check the database.',
  event_history_failed:
    'Events that an earlier version of presend stored could not be counted for the reports. presend will try again. Newer events are counted. If this continues, check the database.',
  policy_watch_failed:
    'presend could not check whether a mailbox provider refuses much of your mail. Events are still recorded. If this continues, check the database.',
  incident_opened:
    'presend found an incident in the delivery events. "kind" says what happened, and "advice" what to do. GET /v1/reports/incidents has the evidence.',
  incident_changed:
    'An open incident became better or worse, or affects other mail. GET /v1/reports/incidents has the evidence.',
  incident_closed:
    'An incident is over: the rate of its failures is back to normal, or you no longer send such mail.',
  incident_diagnosed:
    'presend found a cause for an incident. "blame" says who must correct it: the sender, the owner of the list or a provider. It is missing if that is unknown. GET /v1/reports/incidents explains it in the field "diagnosis".',
  sender_dns_changed:
    'The DNS of a domain in PREFLIGHT_DOMAINS changed. "appeared" has the faults that are new, and "gone" those that are fixed. GET /v1/preflights has the records to publish.',
  suppression_list_failed:
    'The suppression list could not be read from the database. Until it can be, most addresses get the result "unknown". If this continues, check the database.',
  mailbox_proof_failed:
    'presend could not read from the database which mailboxes exist. It gives verdicts without this information. If this continues, check the database.',
  verdict_callback_given_up:
    'The receiver of a callback_url did not accept a new verdict for three days, or it answered 410 Gone. "cause" has the reason of the last attempt. Ask POST /v1/validate about the address again.',
  pending_verdicts_lost:
    'ADDRESS_HASH_KEY has changed, so the addresses of verdicts whose mailbox proof was pending cannot be read. Their receivers are told nothing more. "rows" is their number.',
  prober_off:
    'presend does not ask mail hosts whether mailboxes exist, because this machine or its DNS records are not ready for it. "faults" says what was seen and what to do. presend checks again at "next_check". To check at once, run "presend doctor".',
  prober_ready:
    'presend can ask mail hosts whether mailboxes exist: port 25 is open, and no fault was found in the host name, the PTR record, SPF or the blocklists.',
  prober_refused:
    'A mail host refuses to answer presend about mailboxes. "cause" has the reason. presend does not ask this host for some time. If several hosts refuse, see docs/mailbox-proof.md.',
  prober_failed:
    'The presend at PROBE_URL gave no usable answer, so it is not known whether the mailboxes exist. "cause" says what went wrong. If it is status 401 or 403, check PROBE_KEY.',
  job_work_failed:
    'Work in the background failed, such as verifying a list or deleting old events. presend will try again. If this continues, check the database and the file storage.',
  cold_events_failed:
    'Older delivery events could not be moved to files, read from files or erased from files. presend will try again; nothing is lost. If this continues, check the database, the file storage ("file" names the file) and the free disk space.',
  cold_file_damaged:
    'The file with older delivery events in "file" is missing or damaged. presend keeps it and tries again in an hour. Restore it from a backup; until then erased persons may still be in it.',
  no_resolver_answers:
    'No DNS resolver answers, so every verdict that needs DNS will be "unknown", and /readyz is 503. "resolvers" has the cause of each. Set resolvers that this machine can reach. "set" has a setting with the resolvers of the operating system, if those answer; otherwise "example" has a setting to adapt.',
  resolvers_answer: 'A DNS resolver answers again.',
  resolver_wrong:
    'A DNS resolver gives false answers, so verdicts can be wrong. "seen" has such an answer. Replace the resolver in DOH_URLS or DNS_SERVERS.',
  resolver_fails:
    'A DNS resolver does not work: "seen" has the cause. presend uses the others. If this continues, replace it in DOH_URLS or DNS_SERVERS.',
  not_configured:
    'A setting is missing or wrong, so the Worker answers every request with 503. "mistake" says which setting, and what to do.',
  resolvers_out:
    'No DNS resolver answers. The verification of lists pauses for "rest_ms" milliseconds. If this continues, check the network and DOH_URLS or DNS_SERVERS.',
  suppression_webhook_given_up:
    'The receiver at SUPPRESSION_WEBHOOK_URL did not accept a webhook for three days, or it answered 410 Gone, so it lacks some changes of the suppression list. Update it with the whole list from GET /v1/suppressions/export.',
  suppression_webhook_failed:
    'presend could not record in the database whether SUPPRESSION_WEBHOOK_URL is set. If it is set, some changes of the suppression list may not be sent to it. Check the database, then restart the service.',
  alert_given_up:
    'A receiver in ALERT_URLS or ALERT_EMAIL did not accept alerts for three days, or it answered 410 Gone. "cause" has the reason of the last attempt, and GET /v1/alerts the alerts. To try the receivers, run "presend alerts test".',
  alerts_failed:
    'presend could not read from the database what alerts to send, or could not store alerts. It will try again. If this continues, check the database.',
  traces_failed:
    'The collector at OTEL_EXPORTER_OTLP_ENDPOINT did not accept trace spans, so these spans are lost. "cause" says why. presend still answers all requests.',
  metrics_failed:
    'The metrics that come from the database could not be read, so /metrics lacks them. If this continues, check the database.',
  entries_under_another_key:
    'Some entries of the suppression list were hashed with another ADDRESS_HASH_KEY, so they stop no mail. Use the earlier key again: set it in ADDRESS_HASH_KEY, or restore the file address-hash-key beside the database.',
  storage_not_ready: 'The database could not be read or written. Check the database and the free disk space.',
  unexpected_error:
    'A request failed because of a fault of the service or its storage. The other fields of this line describe the error.',
  webhook_refused:
    'A webhook that claims to come from "provider" was refused. "why" has the reason. If it is about the signature or the credentials, compare the signing key or password at the provider with the settings of presend.',
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
 * Returns the JSON of a log line: its time and level, the event with its own fields, the request or task that it belongs to, and
 * its sentence. `at` is in epoch milliseconds.
 */
export function eventLine(line: LogFields, at: number): string {
  const { level, event, ...fields } = line;
  return JSON.stringify(
    withMessage({ time: new Date(at).toISOString(), level, event, ...logContext(), ...fields }),
  );
}

/** The fields of a log line. They must not contain an address. */
export interface LogFields {
  readonly level: 'info' | 'warning' | 'error';
  readonly event: string;
  readonly [field: string]: unknown;
}
