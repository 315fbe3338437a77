// The table of all commands. It has names and summaries only. The module of a command is loaded when it is needed, so the
// program starts fast.

import type { CommandTable } from './command.ts';

export const commands: CommandTable = {
  check: {
    operands: 'ADDRESS…',
    summary: 'print the verdict on each address',
    load: () => import('./check.ts'),
  },
  clean: {
    operands: 'LIST -o RESULT',
    summary: 'add verdicts to a CSV, XLSX or NDJSON list and forecast its bounces',
    load: () => import('./clean.ts'),
  },
  backtest: {
    operands: 'LIST BOUNCES',
    summary: 'compare the verdicts on a list with the bounces of a campaign',
    load: () => import('./backtest.ts'),
  },
  preflight: {
    operands: 'DOMAIN',
    summary: "check a sender's own DNS (SPF, DKIM, DMARC, reverse DNS, blocklists), or a message",
    load: () => import('./preflight.ts'),
  },
  probe: {
    operands: 'ADDRESS…',
    summary: 'ask mail hosts whether mailboxes exist',
    load: () => import('./probe.ts'),
  },
  bounce: {
    operands: 'FILE',
    summary: 'explain a bounce or complaint message',
    load: () => import('./bounce.ts'),
  },
  reply: { operands: 'TEXT', summary: 'explain an SMTP reply', load: () => import('./reply.ts') },
  suppressions: {
    operands: 'add|check|lift|import|export',
    summary: 'add, check or lift suppressions; import or export the list',
    load: () => import('./suppressions.ts'),
  },
  events: {
    operands: 'export|find',
    summary: 'write the bounce log of a campaign, or show the events of an address',
    load: () => import('./events.ts'),
  },
  erase: {
    operands: 'ADDRESS',
    summary: 'erase the events and predictions of an address',
    load: () => import('./erase.ts'),
  },
  jobs: {
    operands: 'create|list|show|wait|download|cancel|delete',
    summary: 'verify lists in the running service',
    load: () => import('./jobs.ts'),
  },
  calibration: {
    operands: '',
    summary: 'compare the predicted bounces with what happened',
    load: () => import('./calibration.ts'),
  },
  incidents: {
    operands: '',
    summary: 'list incidents: blocks, outages, bad imports and complaints',
    load: () => import('./incidents.ts'),
  },
  alerts: {
    operands: 'test|list',
    summary: 'test the receivers of alerts, and list the latest alerts',
    load: () => import('./alerts.ts'),
  },
  gate: {
    operands: 'CAMPAIGN',
    summary: 'ask whether a campaign may be sent now, and how fast',
    load: () => import('./gate.ts'),
  },
  serve: { operands: '', summary: 'start the HTTP service', load: () => import('./serve.ts') },
  keys: {
    operands: 'create|list|rotate|revoke',
    summary: 'manage the API keys of the service',
    load: () => import('./keys.ts'),
  },
  data: {
    operands: 'update|pack|status',
    summary: 'update the lists of domains and names, or show their age',
    load: () => import('./data.ts'),
  },
  backup: {
    operands: 'FOLDER',
    summary: 'copy the data of the service to a folder, while it runs',
    load: () => import('./backup.ts'),
  },
  restore: {
    operands: 'FOLDER',
    summary: 'restore the data of a backup',
    load: () => import('./restore.ts'),
  },
  doctor: {
    operands: '',
    summary: 'check settings, storage, resolvers and clock of this machine',
    load: () => import('./doctor.ts'),
  },
  completion: {
    operands: 'bash|zsh|fish',
    summary: 'print the script that completes commands in a shell',
    load: () => import('./completion.ts'),
  },
};
