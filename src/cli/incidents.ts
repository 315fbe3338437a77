// `presend incidents`: what stands out in the delivery events, from the database of the service.

import { senderOrList } from '../diagnosis/sender-or-list.ts';
import { incidentAnswer } from '../http/routes/incidents.ts';
import type { StoredIncident } from '../reports/incidents/incident.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { defineCommand } from './command.ts';
import { openServiceDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

const mostShown = 1000;

export const command = defineCommand({
  name: 'incidents',
  summary: 'list incidents: blocks, outages, bad imports and complaints',
  about:
    'Lists the incidents that the running service found in its delivery events, latest first: what happened, why, and what to do. At most 1,000 are listed.',
  options: {
    status: {
      type: 'string',
      choices: ['open', 'closed', 'all'],
      value: 'STATUS',
      default: 'open',
      help: 'which incidents to list',
    },
    json: { type: 'boolean', help: 'print one JSON object per line' },
  },
  examples: ['presend incidents', 'presend incidents --status all --json'],
  async run({ values }) {
    const { settings } = await settingsOfEnvironment();
    const { sqlite, database } = await openServiceDatabase(settings.databasePath);
    try {
      const status = values.status as 'open' | 'closed' | 'all';
      const incidents = await createIncidentRepository(database).list({ status, limit: mostShown });
      if (!values.json && incidents.length > 0) {
        const { sentence } = senderOrList({ incidents, bounces: 1, hasEvents: true, senders: [] });
        process.stdout.write(`${printable(sentence)}\n\n`);
      }
      process.stdout.write(incidents.map(values.json ? jsonLine : incidentText).join(''));
      if (incidents.length === 0) process.stderr.write('There are no incidents.\n');
    } finally {
      sqlite.close();
    }
  },
});

const jsonLine = (incident: StoredIncident): string => `${JSON.stringify(incidentAnswer(incident))}\n`;

/** Some lines of text about an incident. */
function incidentText(incident: StoredIncident): string {
  const { openedAt, closedAt, severity, kind, explanation, advice, diagnosis, change } = incident;
  const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;
  const life = `${minute(openedAt)} – ${closedAt === null ? 'open' : minute(closedAt)}`;
  const more = [
    explanation,
    advice,
    ...(diagnosis === undefined ? [] : [`Cause: ${diagnosis.sentence}`]),
    ...(change?.values ?? []).map(({ name, before, after }) => `${name}: ${before} → ${after}`),
  ];
  return `${life}  ${severity}  ${kind}\n${more.map((line) => `  ${printable(line)}\n`).join('')}`;
}
