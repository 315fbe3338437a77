// Grades and bands of bounce and complaint rates, by the limits that are published for senders.

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

export type Band = 'healthy' | 'warning' | 'critical';

export type BandedRate = 'hard' | 'bounces';

/** The limits between the bands of a rate. */
export interface BandLimits {
  /** Rates below this limit are `healthy`. */
  readonly warningFrom: number;
  /** Rates above this limit are `critical`; those between the limits are `warning`. */
  readonly criticalAbove: number;
}

export type RateBands = Readonly<Record<BandedRate, BandLimits>>;

/**
 * Guides for senders agree on these limits: hard bounces below 2%, all bounces below 2%, and alarm above 5%, at which Amazon SES
 * reviews an account (https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-bounce.html).
 */
const ordinaryBands: RateBands = {
  hard: { warningFrom: 0.02, criticalAbove: 0.05 },
  bounces: { warningFrom: 0.02, criticalAbove: 0.05 },
};

/** The bands by kind of mail (the setting PROFILE). Bands that a profile does not change are those of `ordinaryBands`. */
const bandsOfProfile = {
  // Mail to consumers usually bounces at 0.5% to 1%, so more than that is unusual.
  b2c: { ...ordinaryBands, bounces: { warningFrom: 0.01, criticalAbove: 0.05 } },
  // Mail to business contacts usually bounces at 2% to 3%, because people change jobs.
  b2b: { ...ordinaryBands, bounces: { warningFrom: 0.03, criticalAbove: 0.05 } },
  // Guides for cold mail ask for hard bounces below 0.5%, and to pause at 2%
  // (https://mailflowauthority.com/email-deliverability/bounce-rate-thresholds).
  cold: { ...ordinaryBands, hard: { warningFrom: 0.005, criticalAbove: 0.02 } },
} as const satisfies Record<string, RateBands>;

export type BandProfile = keyof typeof bandsOfProfile;

export const bandProfiles = Object.keys(bandsOfProfile) as BandProfile[];

/** Returns the bands of a kind of mail; the ordinary ones if `profile` is null. */
export const rateBandsOf = (profile: BandProfile | null): RateBands =>
  profile === null ? ordinaryBands : bandsOfProfile[profile];

export const bandOf = (rate: number, { warningFrom, criticalAbove }: BandLimits): Band =>
  rate < warningFrom ? 'healthy' : rate > criticalAbove ? 'critical' : 'warning';
