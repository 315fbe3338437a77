'use client';
// React components for forms: `import { EmailField } from 'presend/react'`. For React 18 and 19, also on a server.

export type { Decision, Policy, PresendVerdict, Reason, Texts } from '../widget/types.ts';
export { EmailField, type EmailFieldProps } from './email-field.ts';
export type { EmailCheckOptions } from './use-checker.ts';
export { type EmailVerdict, type EmailVerdictOptions, useEmailVerdict } from './use-email-verdict.ts';
