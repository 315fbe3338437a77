// Protects pages from bidirectional control characters, which names of campaigns or jobs may contain.

const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces bidirectional control characters (Unicode UAX #9) in a page with U+FFFD. A name that contains one could reorder the
 * text around it, so the page would seem to say something else.
 */
export const withoutBidiControls = (page: string): string => page.replaceAll(bidiControls, '\ufffd');
