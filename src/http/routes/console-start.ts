// /console: the first page, with what is left to set up.

import { type Context, Hono } from 'hono';
import type { CallerVariables } from '../middleware/auth.ts';
import type { SetupStep, StartNews } from '../pages/console/start.ts';
import type { HttpPorts } from '../ports.ts';
import { requireSession, sendPage, viewerOf } from './console.ts';
import { readHooks } from './hooks.ts';

/** Number of lists among which one must be verified. */
const listsRead = 100;

/** Number of lists that the page shows, and the maximum number of incidents that it counts. */
const shownLists = 5;
const countedIncidents = 100;

export const consoleStartRoutes = (ports: HttpPorts) => {
  const { incidents, keyRing, jobs, now, observedSenders, senderWatch, resolversAreDown } = ports;

  /** The steps that the viewer's key may know of. */
  async function setup({ may }: ReturnType<typeof viewerOf>): Promise<SetupStep[]> {
    const link = (path: string, name: string, mayOpen: boolean) => (mayOpen ? { path, name } : null);
    const steps: SetupStep[] = [
      {
        isDone: !resolversAreDown(),
        title: 'A DNS resolver answers',
        text: 'No resolver answers, so verdicts that need DNS are unknown. Set DOH_URLS or DNS_SERVERS to others.',
        link: link('/console/health', 'See the resolvers', may('reports:read')),
      },
      {
        isDone: await keyRing.anyMade(),
        title: 'An API key is made',
        text: 'Until there is one, only this computer can use the service. Make one for each person and program.',
        link: link('/console/keys', 'Make a key', may('keys')),
      },
    ];
    if (may('reports:read')) {
      const { items } = await readHooks(ports);
      const isSetUp = items.some(({ kind, configured }) => kind === 'esp' && configured);
      steps.push({
        isDone: items.some(({ kind, last_event_at }) => kind === 'esp' && last_event_at !== null),
        title: 'The e-mail provider is connected',
        text: isSetUp
          ? 'The settings are complete. presend waits for the first event of your provider.'
          : 'presend uses its bounces and complaints to suppress dead addresses and to improve its predictions.',
        link: link('/console/connections', isSetUp ? 'Test it' : 'Connect it', true),
      });
    }
    if (may('preflight')) {
      const [watched, seen] = await Promise.all([senderWatch.list(), observedSenders()]);
      steps.push({
        isDone: watched.length > 0 || seen.length > 0,
        title: 'The sending domain is watched',
        text: 'Check SPF, DKIM and DMARC of the domain that you send from. With PREFLIGHT_DOMAINS it is checked every day.',
        link: link('/console/domains', 'Check a domain', true),
      });
    }
    if (may('jobs')) {
      const lists = await jobs.list(null, listsRead);
      steps.push({
        isDone: lists.some(({ state }) => state === 'completed'),
        title: 'A first list is verified',
        text: 'Upload the export of your CRM or e-mail provider: presend finds the column with the addresses.',
        link: link('/console/lists', 'Upload a list', true),
      });
    }
    return steps;
  }

  async function newsFor({ may }: ReturnType<typeof viewerOf>): Promise<StartNews> {
    const { shownState } = await import('../../jobs/progress.ts');
    const [open, latest] = await Promise.all([
      may('reports:read') ? incidents.list({ status: 'open', limit: countedIncidents }) : null,
      may('jobs') ? jobs.list(null, shownLists) : null,
    ]);
    return {
      incidents: open,
      lists: latest?.map((job) => ({ job, state: shownState(job, now()) })) ?? null,
    };
  }

  async function showStart(c: Context<{ Variables: CallerVariables }>) {
    const viewer = viewerOf(c.get('caller'));
    const { firstPageOf } = await import('../pages/console/layout.ts');
    if (firstPageOf(viewer) === null) {
      const { nothingToSeePage } = await import('../pages/console/sign-in.ts');
      return sendPage(c, nothingToSeePage(viewer));
    }
    const { startPage } = await import('../pages/console/start.ts');
    const [steps, news] = await Promise.all([setup(viewer), newsFor(viewer)]);
    return sendPage(c, startPage(viewer, steps, news));
  }

  return new Hono<{ Variables: CallerVariables }>().get('/console', requireSession(ports, 'any'), showStart);
};
