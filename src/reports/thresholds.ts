// From which rate on a mailing does harm: the figures that senders are told.

export type Grade = 'excellent' | 'acceptable' | 'concerning' | 'poor' | 'stop';

export type GradedRate = 'hard' | 'bounces' | 'complaint';

interface Step {
  readonly grade: Grade;
  /** The grade of rates below this one … */
  readonly below: number;
  /** … and of this one too. */
  readonly inclusive?: true;
}

export const thresholds: Readonly<Record<GradedRate, readonly Step[]>> = {
  // What email service providers teach, and close to where they pause an account (Amazon SES: review at 5 %, pause at 10 %).
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
  // Google's and Yahoo's rules for senders (2024): stay below 0.1 %, never reach 0.3 %.
  complaint: [
    { grade: 'acceptable', below: 0.001 },
    { grade: 'concerning', below: 0.003 },
    { grade: 'stop', below: Number.POSITIVE_INFINITY },
  ],
};

/** Below so many messages one more or less that failed changes the grade. */
export const fewMessages = { hard: 100, bounces: 100, complaint: 1000 } as const;

export const gradeOf = (name: GradedRate, rate: number): Grade =>
  thresholds[name].find(({ below, inclusive }) => rate < below || (inclusive === true && rate === below))!
    .grade;
