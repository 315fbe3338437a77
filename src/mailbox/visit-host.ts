// Visits a mail host: opens a session with the first of its addresses that answers, and asks about the recipients.

import { Interview } from './interview.ts';
import { type RecipientFinding, readEnd } from './read-answer.ts';
import { openSession, type SessionEnd, type SessionOptions } from './smtp-session.ts';
import type { Visit, VisitPlan } from './visit.ts';

/** How many addresses of the mail hosts of a domain are tried (RFC 5321 section 5.1 asks for at least two). */
const maxTargets = 4;

export async function visitHost(
  options: SessionOptions,
  plan: VisitPlan,
  random: () => number,
): Promise<Visit> {
  const smtputf8 = plan.mailboxes.some((mailbox) => mailbox.smtputf8);
  let end: SessionEnd | null = null;
  let host = '';
  for (const target of plan.targets.slice(0, maxTargets)) {
    const opened = await openSession(options, target, smtputf8);
    if (opened.kind === 'open') {
      const interview = new Interview(opened.session, target.host, plan, random);
      // If storage fails, the connection must not stay open.
      return interview.hold().finally(() => opened.session.disconnect());
    }
    end = opened.end;
    host = target.host;
    // Another host of the domain would refuse us for the same reason. It is tried only if this one could not be spoken to.
    if (end.stage !== 'connect' || end.answer !== null) break;
  }
  const ended: RecipientFinding =
    end === null
      ? { kind: 'undetermined', cause: plan.lacksTargets === true ? 'unreachable' : 'no_mail_host' }
      : readEnd(end, host);
  return {
    findings: new Map(),
    refusals: (plan.refusals ?? []).map((refusal) => ({ ...refusal, retryMs: null })),
    domains: new Map(),
    asked: 0,
    answered: 0,
    unknown: 0,
    refused: ended.kind === 'refused_us' ? ended.cause : null,
    ended,
  };
}
