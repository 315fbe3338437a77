// Protection of pages from bidirectional control characters in names that others choose.

const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces the bidirectional controls (Unicode UAX #9) in a page with U+FFFD. Such a control in a name could reorder the text
 * around it, so the page seems to say something else.
 */
export const withoutBidiControls = (page: string): string => page.replaceAll(bidiControls, '\ufffd');
