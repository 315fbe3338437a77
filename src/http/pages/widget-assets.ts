// The files of the form widget and of our own pages, and the script of the console. The build packs them with placeholders for the form defaults and for the
// lists of all reasons, which this file fills in.

import * as packedConsole from '../../../data/packed/console.js';
import * as packedDocs from '../../../data/packed/docs-page.js';
import * as packedPreflight from '../../../data/packed/preflight-page.js';
import * as packed from '../../../data/packed/widget.js';
import { reasons } from '../../signals/catalogue.ts';
import { formDefaults, formReasons } from '../../signals/form-defaults.ts';

export interface Asset {
  readonly text: string;
  /** A strong entity tag (RFC 9110 section 8.8.3), with its quotes. */
  readonly etag: string;
}

const defaults = JSON.stringify(formDefaults);
const names = JSON.stringify(formReasons.join(' '));
const union = reasons.map((reason) => `'${reason}'`).join(' | ');

/** The 32-bit FNV-1a hash of a text, in base 36. It makes the entity tag of a file change when the filled-in values change. */
const hashOf = (text: string): string => {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(36);
};

const filled = ({ text, etag }: Asset): Asset => ({
  text: text
    .replaceAll('__FORM_DEFAULTS__', defaults)
    .replaceAll('__FORM_REASONS__', `${names}.split(" ")`)
    .replaceAll('__REASONS__', union),
  etag: `"${etag.slice(1, -1)}.${hashOf(defaults + union + names)}"`,
});

export const widgetScript = filled(packed.widgetScript);
export const widgetModule = filled(packed.widgetModule);
export const widgetTypes = filled(packed.widgetTypes);
export const tryScript = filled(packed.tryScript);
export const { tryStyle } = packed;
export const { docsScript, docsStyle } = packedDocs;
export const { consoleScript } = packedConsole;
export const { preflightScript, preflightStyle } = packedPreflight;
