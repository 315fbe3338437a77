// Grades of bounce and complaint rates, by the limits that are published for senders.

export type Grade = 'excellent' | 'acceptable' | 'concerning' | 'poor' | 'stop';

export type GradedRate = 'hard' | 'bounces' | 'complaint';

interface Step {
  readonly grade: Grade;
  /** Rates below this limit, and not below the limit of the previous step, have this grade. */
  readonly below: number;
  /** True if a rate equal to the limit also has this grade. */
  readonly inclusive?: true;
}

export const thresholds: Readonly<Record<GradedRate, readonly Step[]>> = {
  // Email service providers publish these limits. They are close to the rates at which a provider pauses an account:
  // Amazon SES reviews it at 5% and pauses it at 10%.
  hard: [
    { grade: 'excellent', below: 0.01 },
    { grade: 'acceptable', below: 0.02 },
    { grade: 'concerning', below: 0.05 },
    { grade: 'poor', below: 0.1, inclusive: true },
    { grade: 'stop', below: Number.POSITIVE_INFINITY },
  ],
  bounces: [
    { grade: 'acceptable', below: 0.05 },
    { grade: 'concerning', below: Number.POSITIVE_INFINITY },
  ],
  // Google's and Yahoo's guidelines for senders (2024): stay below 0.1%, and never reach 0.3%.
  complaint: [
    { grade: 'acceptable', below: 0.001 },
    { grade: 'concerning', below: 0.003 },
    { grade: 'stop', below: Number.POSITIVE_INFINITY },
  ],
};

/** Number of sent messages below which a rate is marked `few`: one more failure could change its grade. */
export const fewMessages = { hard: 100, bounces: 100, complaint: 1000 } as const;

export const gradeOf = (name: GradedRate, rate: number): Grade =>
  thresholds[name].find(({ below, inclusive }) => rate < below || (inclusive === true && rate === below))!
    .grade;
