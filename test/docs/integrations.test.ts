// docs/integrations.md: its request is answered, and the n8n workflow does what the page says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodeService, startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

const root = new URL('../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/integrations.md'), 'utf8');

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone });
});
afterAll(() => service.stop());

const ask = async (body: string) =>
  (
    await fetch(`${service.url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  ).json();

test('the request of every tool gets the field by which the page decides', async () => {
  const [, curl] = /-d '(.*)'/.exec(page)!;
  expect(await ask(curl!)).toMatchObject({ action: 'confirm', did_you_mean: 'domain-typo@example.com' });
  const [make] = /\{"email": "\{\{1\.email\}\}".*?\}(?=`)/.exec(page)!;
  expect(await ask(make.replace('{{1.email}}', 'null-mx@presend.test'))).toMatchObject({ action: 'reject' });
});

interface WorkflowNode {
  readonly name: string;
  readonly type: string;
  readonly parameters: Record<string, unknown>;
  readonly onError?: string;
}

interface Workflow {
  readonly nodes: readonly WorkflowNode[];
  readonly connections: Record<string, { main: { node: string; type: string; index: number }[][] }>;
}

describe('the n8n workflow', () => {
  const text = readFileSync(join(root, 'examples/n8n/signup.json'), 'utf8');
  const { nodes, connections } = JSON.parse(text) as Workflow;
  const nodeOf = (name: string) => nodes.find((node) => node.name === name)!;

  /** The value of a parameter: `={{ … }}` is an expression over the item. */
  const evaluate = (value: unknown, json: unknown) => {
    const [, expression] = /^=\{\{(.*)\}\}$/s.exec(String(value)) ?? [];
    return expression === undefined ? value : new Function('$json', `return ${expression}`)(json);
  };

  /** Does what a node does with an item. Returns the output that it leaves through, and the item. */
  async function execute(
    { type, parameters, onError }: WorkflowNode,
    json: unknown,
  ): Promise<[number, unknown]> {
    switch (type) {
      case 'n8n-nodes-base.webhook':
        return [0, { body: json }];
      case 'n8n-nodes-base.switch':
        return [evaluate(parameters['output'], json), json];
      case 'n8n-nodes-base.httpRequest': {
        const { url, method, jsonBody } = parameters as Record<string, string>;
        try {
          const response = await fetch(url!.replace('https://presend.example.com', service.url), {
            method: method!,
            headers: { 'content-type': 'application/json' },
            body: evaluate(jsonBody, json),
          });
          if (response.ok) return [0, await response.json()];
        } catch {}
        expect(onError).toBe('continueErrorOutput');
        return [1, json];
      }
      default:
        throw new Error(`The workflow has a node that this test does not know: ${type}`);
    }
  }

  /** What the workflow answers to a request with this body. */
  async function answer(body: unknown): Promise<[number, unknown]> {
    let node = nodes.find(({ type }) => type.endsWith('.webhook'))!;
    for (let json: unknown = body; ; ) {
      const { responseBody, options } = node.parameters as { responseBody?: string; options?: object };
      if (node.type === 'n8n-nodes-base.respondToWebhook')
        return [(options as { responseCode: number }).responseCode, JSON.parse(evaluate(responseBody, json))];
      const [output, next] = await execute(node, json);
      node = nodeOf(connections[node.name]!.main[output]![0]!.node);
      json = next;
    }
  }

  const taken = [202, { message: 'Check your inbox.' }];

  test.each([
    ['jane@brisk-otter.com', taken],
    ['dns-undetermined@presend.test', taken],
    ['complained@presend.test', taken],
    ['unsubscribed@presend.test', taken],
    ['jane@gmial.com', [422, { error: 'Is this address right?', suggestion: 'jane@gmail.com' }]],
    ['jane@mailinator.com', [422, { error: 'Is this address right?', suggestion: null }]],
    ['"quoted\\"@presend.test', [422, expect.anything()]],
    ['null-mx@presend.test', [422, { error: 'We cannot send mail to this address.', suggestion: null }]],
  ])('answers to %s', async (email, expected) => {
    expect(await answer({ email })).toEqual(expected);
  });

  test('takes the address if presend refuses the request', async () => {
    expect(await answer({ email: 7 })).toEqual(taken);
  });

  test('has the values that the page shows', () => {
    const { parameters } = nodeOf('Ask presend');
    expect(page).toContain(`\`${parameters['url']}\``);
    expect(page).toContain(String(parameters['jsonBody']).replace(/^=/, ''));
    expect(page).toContain(`\`${(parameters['options'] as { timeout: number }).timeout}\``);
  });

  test('connects every node, by its name', () => {
    const targets = Object.values(connections).flatMap(({ main }) => main.flat().map(({ node }) => node));
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    for (const name of [...Object.keys(connections), ...targets]) expect(nodeOf(name), name).toBeDefined();
    for (const { name, type } of nodes) if (!type.endsWith('.webhook')) expect(targets, name).toContain(name);
  });
});
