// A metric with all its samples, and the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/).

export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly MetricSample[];
}

const escapedLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function sampleLine(name: string, { labels = {}, value, suffix = '' }: MetricSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapedLabel(text)}"`);
  return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

/** The lines of a metric, with its help and type. */
export const familyLines = ({ name, help, type, samples }: MetricFamily): string[] => [
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  `# TYPE ${name} ${type}`,
  ...samples.map((sample) => sampleLine(name, sample)),
];

/** Counts values in buckets. `observe` allocates nothing. */
export interface MetricHistogram {
  /** `value` is in the unit of the metric, such as seconds. */
  observe(value: number): void;
  samples(labels: Readonly<Record<string, string>>): MetricSample[];
}

/** `bounds`: the upper bounds of the buckets, the lowest first. */
export function metricHistogram(bounds: readonly number[]): MetricHistogram {
  const within = bounds.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    observe(value) {
      sum += value;
      count += 1;
      for (let index = 0; index < bounds.length; index++)
        if (value <= bounds[index]!) {
          within[index]! += 1;
          return;
        }
    },
    samples(labels) {
      let total = 0;
      return [
        ...bounds.map((bound, index) => {
          total += within[index]!;
          return { labels: { ...labels, le: String(bound) }, value: total, suffix: '_bucket' };
        }),
        { labels: { ...labels, le: '+Inf' }, value: count, suffix: '_bucket' },
        { labels, value: sum, suffix: '_sum' },
        { labels, value: count, suffix: '_count' },
      ];
    },
  };
}

/** A counter by two labels. `add` allocates only for labels that are new. */
export interface PairCounter {
  add(first: string, second: string, by?: number): void;
  samples(firstLabel: string, secondLabel: string): MetricSample[];
}

export function pairCounter(): PairCounter {
  const counts = new Map<string, Map<string, { value: number }>>();
  return {
    add(first, second, by = 1) {
      let row = counts.get(first);
      if (row === undefined) {
        row = new Map();
        counts.set(first, row);
      }
      const cell = row.get(second);
      if (cell === undefined) row.set(second, { value: by });
      else cell.value += by;
    },
    samples: (firstLabel, secondLabel) =>
      [...counts].flatMap(([first, row]) =>
        [...row].map(([second, { value }]) => ({
          labels: { [firstLabel]: first, [secondLabel]: second },
          value,
        })),
      ),
  };
}
