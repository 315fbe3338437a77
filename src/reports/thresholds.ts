// The rates above which a mailing does harm, as published for senders.

export type Grade = 'excellent' | 'acceptable' | 'concerning' | 'poor' | 'stop';

export type GradedRate = 'hard' | 'bounces' | 'complaint';

interface Step {
  readonly grade: Grade;
  /** The grade of rates below this limit. */
  readonly below: number;
  /** Whether the limit itself has this grade. */
  readonly inclusive?: true;
}

export const thresholds: Readonly<Record<GradedRate, readonly Step[]>> = {
  // Published by email service providers, and close to where they pause an account (Amazon SES: review at 5%, pause
  // at 10%).
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
  // Google's and Yahoo's sender guidelines (2024): stay below 0.1%, never reach 0.3%.
  complaint: [
    { grade: 'acceptable', below: 0.001 },
    { grade: 'concerning', below: 0.003 },
    { grade: 'stop', below: Number.POSITIVE_INFINITY },
  ],
};

/** With fewer messages than this, one more failure can change the grade. */
export const fewMessages = { hard: 100, bounces: 100, complaint: 1000 } as const;

export const gradeOf = (name: GradedRate, rate: number): Grade =>
  thresholds[name].find(({ below, inclusive }) => rate < below || (inclusive === true && rate === below))!
    .grade;
