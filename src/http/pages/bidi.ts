// Protection of pages from bidirectional control characters in names that others choose.

const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The page with bidirectional controls (Unicode UAX #9) replaced by U+FFFD: they could reorder the text around a name. */
export const withoutBidiControls = (page: string): string => page.replaceAll(bidiControls, '\ufffd');
