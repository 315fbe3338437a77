// A signal is complete: whatever part of it is missing, a test names the part.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reasonField } from '../../src/http/routes/validate.ts';
import { catalogue, reasons } from '../../src/signals/catalogue.ts';
import { formDefaults } from '../../src/signals/form-defaults.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { judge } from '../../src/verdict/judge.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';
import { withSignalTable } from '../../tools/signal-table.ts';

const root = new URL('../..', import.meta.url).pathname;
const signals: readonly Signal[] = catalogue;

/** Files of the room that are not signals. */
const infrastructure = ['catalogue.ts', 'evidence.ts', 'form-defaults.ts', 'signal.ts'];

const sentence = /^[A-Z“].+\.$/s;
const isSet = (text: unknown): boolean => typeof text === 'string' && text !== '' && !text.includes('TODO');

/** What is missing or wrong, each named by its part; empty for a complete signal. */
function problemsOf(signal: Signal): string[] {
  const problems: string[] = [];
  const check = (part: string, ok: boolean): void => {
    if (!ok) problems.push(`${signal.reason}: ${part}`);
  };
  check('reason', /^[a-z]+(_[a-z]+)*$/.test(signal.reason ?? ''));
  check('label', isSet(signal.label) && signal.label.length <= 40);
  check('about', ['syntax', 'domain', 'address'].includes(signal.about));
  check('outcomes', Array.isArray(signal.outcomes) && signal.outcomes.length > 0);
  for (const outcome of signal.outcomes ?? []) {
    check('fires', signal.about === 'syntax' || typeof (outcome as { fires?: unknown }).fires === 'function');
    check('result', ['deliverable', 'risky', 'undeliverable', 'unknown'].includes(outcome.result));
    check('action', ['accept', 'confirm', 'reject', 'retry'].includes(outcome.action));
    check('bounce', outcome.bounce === null || /^[45]\.\d\.\d+$/.test(outcome.bounce?.status ?? ''));
    const { prior } = outcome;
    check(
      'prior',
      prior !== undefined &&
        0 <= prior.low &&
        prior.low <= prior.probability &&
        prior.probability <= prior.high &&
        prior.high <= 1,
    );
    check('prior.basis', ['measured', 'published', 'guess'].includes(prior?.basis));
    check(
      'prior.source',
      prior?.basis === 'guess' || URL.canParse((prior as { source?: string })?.source ?? ''),
    );
    check('topic', isSet(outcome.topic));
    check('message', isSet(outcome.message) && sentence.test(outcome.message));
    check('when', isSet(outcome.when) && sentence.test(outcome.when));
    check('form', ['allow', 'warn', 'block'].includes(outcome.form));
    check('sandbox', isSet(outcome.sandbox?.mailbox) && typeof outcome.sandbox?.evidence === 'object');
  }
  return problems;
}

test('every signal is complete', () => {
  expect(signals.flatMap(problemsOf)).toEqual([]);
});

describe('whatever part is missing is named', () => {
  const complete = signals.find(({ reason }) => reason === 'parked_domain')!;
  const outcome = complete.outcomes[0]!;
  test.each(['label', 'about', 'outcomes'])('%s', (part) => {
    expect(problemsOf({ ...complete, [part]: undefined } as unknown as Signal)).toContain(
      `parked_domain: ${part}`,
    );
  });
  test.each(['fires', 'result', 'action', 'bounce', 'prior', 'topic', 'message', 'when', 'form', 'sandbox'])(
    '%s',
    (part) => {
      const incomplete = { ...complete, outcomes: [{ ...outcome, [part]: undefined }] } as unknown as Signal;
      expect(problemsOf(incomplete)).toContain(`parked_domain: ${part}`);
    },
  );
  test('the basis of a prior, and the URL of a published one', () => {
    const having = (prior: object): Signal =>
      ({ ...complete, outcomes: [{ ...outcome, prior: { ...outcome.prior, ...prior } }] }) as Signal;
    expect(problemsOf(having({ basis: undefined }))).toContain('parked_domain: prior.basis');
    expect(problemsOf(having({ basis: 'published' }))).toContain('parked_domain: prior.source');
  });
});

test('every file of the room is in the catalogue, once, under its name', () => {
  const files = readdirSync(join(root, 'src/signals')).filter((file) => !infrastructure.includes(file));
  expect(files.toSorted()).toEqual(reasons.map((reason) => `${reason.replaceAll('_', '-')}.ts`).toSorted());
  expect(new Set(reasons).size).toBe(reasons.length);
});

test('the last signal fires for everything, and no other does', () => {
  const evidence = sandboxEvidence(
    'jane@presend.test',
    {
      localPart: 'jane',
      domain: 'presend.test',
      address: 'jane@presend.test',
      smtputf8: false,
      quoted: false,
    },
    null,
    null,
  );
  const firing = signals.filter(
    (signal) => signal.about !== 'syntax' && signal.outcomes.some(({ fires }) => fires(evidence)),
  );
  expect(firing).toEqual([signals.at(-1)]);
});

describe('in the sandbox', () => {
  for (const { reason, about, outcomes } of signals)
    for (const outcome of about === 'syntax' ? [] : outcomes)
      test(`${outcome.sandbox.mailbox}: ${reason}`, () => {
        const localPart = outcome.sandbox.mailbox;
        const email = `${localPart}@presend.test`;
        const mailbox = { localPart, domain: 'presend.test', address: email, smtputf8: false, quoted: false };
        const verdict = judge(sandboxEvidence(email, mailbox, null, null), 0);
        const { result, message, bounce } = outcome;
        expect(verdict).toMatchObject({ reason, result, message });
        expect(verdict.bounce).toMatchObject({
          class: bounce?.class ?? null,
          status: bounce?.status ?? null,
        });
      });

  test('no mailbox has two outcomes', () => {
    const mailboxes = signals.flatMap(({ outcomes }) => outcomes.map(({ sandbox }) => sandbox.mailbox));
    expect(new Set(mailboxes).size).toBe(mailboxes.length);
  });
});

test('the API lists exactly the reasons', () => {
  expect(reasonField.options).toEqual(reasons);
});

test('a form never stops for what is unknown, and outcomes that differ in the form differ in the result', () => {
  for (const { reason, outcomes } of signals) {
    for (const { result, form } of outcomes) if (result === 'unknown') expect(form, reason).not.toBe('block');
    for (const { result, form } of outcomes)
      expect((formDefaults[`${reason} ${result}`] ?? 'allow').split(' ')[0], reason).toBe(form);
  }
});

test('docs/verdicts.md has the table of the catalogue; else run npm run signal-table', () => {
  const page = readFileSync(join(root, 'docs/verdicts.md'), 'utf8');
  expect(page).toBe(withSignalTable(page));
});
