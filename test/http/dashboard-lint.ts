// What is wrong with a Grafana dashboard, by the rules of Grafana's dashboard-linter that apply to one for Prometheus
// (https://github.com/grafana/dashboard-linter/blob/main/docs/index.md), and of the JSON model.

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: object;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: object;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly Target[];
}

export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly editable: boolean;
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly panels: readonly Panel[];
}

const gridWidth = 24;
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
const source = '{"type":"prometheus","uid":"${datasource}"}';
const matchers = ['job=~"$job"', 'instance=~"$instance"'];

/** `types`: the types of the metrics that exist, by name, with those of the parts of histograms, which are counters. */
export const dashboardFaults = (
  dashboard: Dashboard,
  types: ReadonlyMap<string, 'counter' | 'gauge'>,
): string[] => [
  ...headFaults(dashboard),
  ...variableFaults(dashboard),
  ...twice(dashboard.panels.map(({ id }) => `panel id ${id}`)),
  ...dashboard.panels.flatMap((panel) => [
    ...panelFaults(panel).map((fault) => `${panel.title}: ${fault}`),
    ...panel.targets
      .flatMap(({ expr }) => exprFaults(expr, types))
      .map((fault) => `${panel.title}: ${fault}`),
  ]),
  ...overlaps(dashboard.panels),
];

const twice = (names: readonly string[]): string[] =>
  names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`);

function headFaults({ title, uid, schemaVersion, tags, editable }: Dashboard): string[] {
  return [
    ...(title === '' ? ['no title'] : []),
    ...(/^[\w-]{1,40}$/.test(uid) ? [] : ['no valid uid']),
    ...(Number.isInteger(schemaVersion) && schemaVersion >= 36 ? [] : ['no schemaVersion']),
    ...(tags.length === 0 ? ['no tags'] : []),
    ...(editable ? ['editable'] : []),
  ];
}

function variableFaults({ templating: { list }, ...dashboard }: Dashboard): string[] {
  const names = list.map(({ name }) => name);
  const used = JSON.stringify([dashboard, list]).matchAll(/\$\{?([a-z]\w*)/g);
  const unknown = [...used].map(([, name]) => name!).filter((name) => !names.includes(name));
  const wanted = ['datasource', 'job', 'instance'].filter((name) => !names.includes(name));
  const queries = list.filter(({ type }) => type === 'query');
  return [
    ...new Set(unknown.map((name) => `the variable ${name} does not exist`)),
    ...wanted.map((name) => `no variable ${name}`),
    ...queries
      .filter(
        ({ label, datasource, refresh, allValue }) =>
          !label || JSON.stringify(datasource) !== source || refresh !== 2 || allValue !== '.+',
      )
      .map(({ name }) => `the variable ${name} has not the usual settings`),
  ];
}

function panelFaults({ title, description, datasource, fieldConfig, gridPos, targets }: Panel): string[] {
  const { x, y, w, h } = gridPos;
  const isOnGrid = x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= gridWidth;
  return [
    ...(/\w/.test(title) ? [] : ['no title']),
    ...(/\w/.test(description) ? [] : ['no description']),
    ...(fieldConfig.defaults.unit ? [] : ['no unit']),
    ...(isOnGrid ? [] : ['outside of the grid']),
    ...(targets.length > 0 ? [] : ['no targets']),
    ...([{ datasource }, ...targets].every((one) => JSON.stringify(one.datasource) === source)
      ? []
      : ['a fixed data source']),
    ...twice(targets.map(({ refId }) => `target ${refId}`)),
  ];
}

/** Every metric has its matchers, and a counter is read only by its rate. Prometheus itself says whether an expression parses. */
function exprFaults(expr: string, types: ReadonlyMap<string, 'counter' | 'gauge'>): string[] {
  const metrics = [...expr.matchAll(/\b(?:presend|process|nodejs)_\w+/g)];
  const faults = metrics.flatMap(({ 0: name, index }) => {
    const type = types.get(name);
    if (type === undefined) return [`${name} does not exist`];
    const [, selector = '', range = ''] =
      /^\{([^}]*)\}(\[[^\]]*\])?/.exec(expr.slice(index + name.length)) ?? [];
    const isRate = /\b(?:rate|increase)\($/.test(expr.slice(0, index));
    return [
      ...matchers.filter((matcher) => !selector.includes(matcher)).map((one) => `${name} without ${one}`),
      ...(isRate === (type === 'counter') ? [] : [`${name} is a ${type}${isRate ? ' in rate()' : ''}`]),
      ...(isRate && range !== '[$__rate_interval]' ? [`${name} without [$__rate_interval]`] : []),
    ];
  });
  return metrics.length === 0 ? [`no metric in ${expr}`] : faults;
}

function overlaps(panels: readonly Panel[]): string[] {
  return panels.flatMap(({ title, gridPos: a }, index) =>
    panels
      .slice(index + 1)
      .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((other) => `${title} overlaps ${other.title}`),
  );
}
