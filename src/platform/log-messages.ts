// Sentences for people who read the log: what a log event means and what to do about it.

/**
 * The sentence for each event, by the name of the event. An event whose own fields already say what to do, such as
 * `policy_burst`, has none.
 */
const messages: Readonly<Record<string, string>> = {
  settings: 'A setting is ignored: see "warning".',
  resolver_overruled:
    'A DNS resolver disagreed with two others about a domain. If it does so often, replace it in DOH_URLS or DNS_SERVERS.',
  own_domains_failed:
    'The allowed and denied domains could not be read from storage. The last known entries are used. If this continues, check storage.',
  drift:
    'The bounce rate of a source or provider differs from the prediction. See GET /v1/reports/calibration.',
  learning_failed:
    'Predictions or outcomes could not be stored. Verdicts still work. If this continues, check storage.',
  policy_watch_failed:
    'The check whether a provider refuses much of your mail failed. Events are still recorded. If this continues, check storage.',
  suppression_list_failed:
    'The suppression list could not be read. Verdicts are "unknown" until storage works again.',
  job_work_failed: 'Work on a list failed and will be repeated. If this continues, check storage.',
  resolvers_out: 'No DNS resolver answers. Lists wait for "rest_ms" milliseconds and then continue.',
  suppression_webhook_given_up:
    'SUPPRESSION_WEBHOOK_URL did not accept a webhook for three days. Import these changes from GET /v1/suppressions/export.',
  suppression_webhook_failed:
    'Changes of the suppression list could not be prepared for SUPPRESSION_WEBHOOK_URL. Check storage, then restart the service.',
  entries_under_another_key:
    'Entries of the suppression list were made with another ADDRESS_HASH_KEY and match no address. Restore that key.',
  storage_not_ready: 'Storage could not be read or written. Check the database and the free disk space.',
  unexpected_error:
    'A request failed because of a fault of the service or its storage. The fields name the error and its place.',
  webhook_refused:
    'A webhook was refused: "why" has the reason. Compare the signing key or password at the vendor with the settings.',
  webhook_unknown_event: 'The provider sent an event of an unknown type. It was recorded and has no effect.',
  webhook_confirmation:
    'The provider asked to confirm the webhook subscription: "confirmed" has the outcome.',
  crm_api_failed: 'The API of the CRM did not answer as expected. Check the API token of the vendor.',
};

/** Returns the log line with its sentence in `message`, or unchanged if its event has no sentence. */
export function withMessage(line: object): object {
  const message = messages[(line as { readonly event?: string }).event ?? ''];
  return message === undefined ? line : { ...line, message };
}
