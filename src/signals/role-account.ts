import { addressSignal } from './signal.ts';

export const roleAccount = addressSignal({
  reason: 'role_account',
  label: 'Role account',
  outcomes: [
    {
      fires: ({ role }) => role,
      result: 'risky',
      action: 'accept',
      bounce: null,
      // Several people read mail to a role account, or nobody does. Such addresses bounce and complain about twice as
      // often as others.
      prior: { probability: 0.04, low: 0.01, high: 0.1, basis: 'guess' },
      topic: 'role',
      message: 'The address belongs to a role such as sales or support, not to one person.',
      when: 'The address belongs to a role, such as info@ or abuse@.',
      form: 'allow',
      sandbox: { mailbox: 'role-account', example: 'Role', evidence: { role: true } },
    },
  ],
});
