// Writes a verdict as JSON text. The result equals `JSON.stringify(toResponse(verdict, tookMs))`, but takes less time.

import { mailboxResponse, suppressionResponse, type VerdictResponse } from '../verdict/response.ts';
import type { PredictedBounce, Verdict } from '../verdict/verdict.ts';
import { timeText } from './time-text.ts';

/** Returns the JSON of a verdict. `VerdictResponse` documents the fields. */
export function verdictJson(verdict: Verdict, tookMs: number): string {
  const { result, reason, signals, action, bounce, mailHost, syntax } = verdict;
  const { disposable, relay, role, free, smtputf8 } = verdict;
  return (
    `{"email":${json(verdict.email)},"normalized":${json(verdict.normalized)},` +
    `"user":${json(verdict.user)},"domain":${json(verdict.domain)},` +
    `"result":"${result}","reason":"${reason}","signals":${shared(signals)},` +
    `"message":${json(verdict.message)},"syntax":${syntax === null ? null : JSON.stringify(syntax)},` +
    `"did_you_mean":${json(verdict.didYouMean)},"action":"${action}",` +
    `"bounce":${bounceJson(bounce)},"mail_host":${shared(mailHost)},"provider":${json(verdict.provider)},` +
    `"disposable":${disposable},"relay":${relay},"role":${role},"free":${free},` +
    `"plus_tag":${json(verdict.plusTag)},"smtputf8":${smtputf8},` +
    `"checked_at":"${timeText(verdict.checkedAt)}","expires_at":"${timeText(verdict.expiresAt)}",` +
    `"took_ms":${Math.round(tookMs)}${sendToJson(verdict.sendTo)}${gatewayJson(verdict.gateway)}${suppressionJson(verdict.suppression)}${mailboxJson(verdict.mailbox)}}`
  );
}

const sendToJson = (address: Verdict['sendTo']): string =>
  address === undefined ? '' : `,"send_to":${json(address)}`;

const gatewayJson = (gateway: Verdict['gateway']): string =>
  gateway === undefined ? '' : `,"gateway":${json(gateway)}`;

const suppressionJson = (entry: Verdict['suppression']): string =>
  entry === undefined ? '' : `,"suppression":${JSON.stringify(suppressionResponse(entry))}`;

const mailboxJson = (known: Verdict['mailbox']): string =>
  known === undefined ? '' : `,"mailbox":${JSON.stringify(mailboxResponse(known))}`;

const bounceJson = ({
  class: kind,
  status,
  probability,
  low,
  high,
  basis,
  sample,
}: PredictedBounce): string =>
  `{"class":${json(kind)},"status":${json(status)},"probability":${probability},` +
  `"low":${low},"high":${high},"basis":"${basis}","sample":${sample}}`;

/**
 * The response of POST /v1/validate. `token` is a verdict token; only responses to publishable keys have one. `hint` is present
 * while no DNS resolver answers, and `proof_pending` if the request has a `callback_url`.
 */
export type PageAnswer = VerdictResponse & { proof_pending?: boolean; token?: string; hint?: string };

/** Adds a field to the JSON text of an object that has other fields. */
export const withField = (object: string, name: string, value: string | boolean): string =>
  `${object.slice(0, -1)},"${name}":${JSON.stringify(value)}}`;

/** Matches text of printable ASCII characters that JSON does not escape. */
const needsNoEscape = /^[ !#-[\]-~]*$/;

const json = (text: string | null): string =>
  text !== null && needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);

const known = new WeakMap<object, string>();

/** Returns the JSON of an object that many verdicts refer to. Its JSON is cached. */
function shared(value: object): string {
  let text = known.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    known.set(value, text);
  }
  return text;
}
