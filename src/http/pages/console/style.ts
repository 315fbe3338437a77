// The style of the console, for light and dark mode, and for any width from 320 pixels.

import { chartStyle } from '../report-style.ts';

export const consoleStyle = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a4049); --soft: light-dark(#eceff3, #2a2f37);
  --paper: light-dark(#fff, #14171b); --raised: light-dark(#f6f7f9, #1d2127); --ink: light-dark(#1b2027, #e8ebef); --quiet: light-dark(#566070, #9aa5b4);
  --accent: light-dark(#14625e, #6cc7bf); --on-accent: light-dark(#fff, #0d1513);
  --good: light-dark(#1a6b43, #4cba84); --warn: light-dark(#8a5a00, #e3ad3f); --bad: light-dark(#b3261e, #f0766e); }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 78rem; padding: 0 1rem 4rem; color: var(--ink); background: var(--paper); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; z-index: 1; }
.top { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; padding: .8rem 0; border-bottom: 1px solid var(--line); }
.brand { font-weight: 700; text-decoration: none; color: inherit; } .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.pages { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .4rem 0; margin-bottom: 1.25rem; border-bottom: 1px solid var(--line); }
.pages a { padding: .3rem 0; text-decoration: none; color: var(--quiet); } .pages a:hover { color: var(--accent); } .pages a[aria-current] { color: var(--accent); font-weight: 600; }
.tabs { display: flex; flex-wrap: wrap; gap: 0 1.25rem; border-bottom: 1px solid var(--line); }
.tabs a { padding: .4rem 0; text-decoration: none; border-bottom: 2px solid transparent; margin-bottom: -1px; } .tabs a[aria-current] { border-color: var(--accent); font-weight: 600; color: inherit; }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; font-size: .875rem; color: var(--quiet); }
h1, h2, p, ul { margin: 0; } h1 { font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; }
main > * + * { margin-top: 1.25rem; } .trail { font-size: .875rem; } .trail + h1 { margin-top: .25rem; }
.card { background: var(--raised); border: 1px solid var(--soft); border-radius: .75rem; padding: 1.1rem 1.25rem; }
.card > * + *, .stack > * + * { margin-top: .75rem; } .narrow { max-width: 30rem; margin-inline: auto; }
.stack label, legend { display: block; font-weight: 600; font-size: .9375rem; } .stack fieldset label { font-weight: 400; margin-top: .35rem; } legend { padding: 0; }
fieldset { border: 0; padding: 0; margin-inline: 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem 1rem; }
input:not([type=checkbox]), select { font: inherit; color: inherit; width: 100%; padding: .5rem .6rem; margin-top: .25rem; border: 1px solid light-dark(#868f9c, #6c7684); border-radius: .4rem; background: var(--paper); }
input:not([type=checkbox], [type=file]), select { height: 2.6rem; } input[type=file] { padding: .9rem; border-style: dashed; } input[type=checkbox] { width: 1.1rem; height: 1.1rem; vertical-align: -.2rem; margin: 0 .3rem 0 0; accent-color: var(--accent); }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; background: var(--accent); color: var(--on-accent); cursor: pointer; }
.actions button, button.plain { background: transparent; color: var(--accent); } .actions button.danger { color: var(--bad); border-color: var(--bad); }
button.plain { padding: .15rem .5rem; font-weight: 400; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; border-top: 1px solid var(--line); padding-top: 1.25rem; }
summary { cursor: pointer; padding: .5rem 0; } details > * + * { margin-top: .5rem; }
.quiet, .empty { color: var(--quiet); font-size: .9375rem; }
.notice { border-left: .3rem solid var(--bad); background: var(--raised); border-radius: .4rem; padding: .7rem 1rem; overflow-wrap: anywhere; } .notice.done { border-color: var(--good); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
h2 + ul, h2 + .scroll, h2 + p { margin-top: .5rem; } th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--soft); } thead th { font-weight: 500; font-size: .875rem; color: var(--quiet); }
tbody th { font-weight: 500; overflow-wrap: anywhere; } .number { text-align: right; } tr > * + * { padding-left: .5rem; } .scroll time, .scroll code { white-space: nowrap; } .scroll tbody th { min-width: 7rem; }
.state { display: inline-block; white-space: nowrap; font-size: .8125rem; font-weight: 600; padding: .1rem .5rem; border-radius: 1rem; border: 1px solid currentColor; color: var(--quiet); }
.state.completed { color: var(--good); } .state.failed { color: var(--bad); } .state.waiting, .state.paused { color: var(--warn); } .state.verifying { color: var(--accent); }
progress { width: 100%; height: .9rem; accent-color: var(--accent); }
.big { font-size: 1.7rem; font-weight: 600; line-height: 1.3; } .big .quiet { display: block; font-weight: 400; line-height: 1.5; }
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .5rem 1.5rem; margin: 0; } .pairs dt { font-size: .875rem; color: var(--quiet); } .pairs dd { margin: 0; } .pairs > div > * + * { margin-top: .1rem; }
.inline { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem 1rem; } .inline label { display: block; font-size: .875rem; color: var(--quiet); } .inline > div { flex: 0 1 12rem; } .inline button.plain { padding: .5rem 1rem; }
.narrow-fields { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); } .pairs > .wide { grid-column: span 2; } @media (max-width: 40rem) { .pairs > .wide { grid-column: auto; } }
.record { overflow-wrap: anywhere; min-width: 12rem; font-family: ui-monospace, monospace; font-size: .8125rem; }
ol.changes { margin: .5rem 0 0; padding: 0; list-style: none; } .changes > li { border-left: 3px solid var(--line); padding: 0 0 1rem 1rem; } .changes > li > * + * { margin-top: .4rem; }
.stack .check { font-weight: 400; } .paging { display: flex; gap: 1rem; } button[aria-busy] { opacity: .6; cursor: progress; }
ul.facts, ul.files { padding-left: 1.1rem; } .files a { margin-right: .5rem; }
.copy { display: flex; align-items: start; gap: .5rem; } .copy button { flex: none; overflow-wrap: normal; } .copy button { flex: none; } .copy code { flex: 1 1 auto; min-width: 0; background: var(--soft); border-radius: .35rem; padding: .3rem .5rem; } code { font-size: .875rem; overflow-wrap: anywhere; }
${chartStyle}.tile h2 { font-weight: 500; } .findings, main > .findings { padding: 0; grid-template-columns: minmax(0, 1fr); } main > .findings { margin-top: 1.25rem; } h2 + .findings { margin-top: .5rem; } .findings p + p { margin-top: .2rem; color: inherit; font-size: inherit; } .findings .quiet { font-size: .9375rem; } .findings p + p.quiet { color: var(--quiet); } .findings > li > * + * { margin-top: .6rem; }
.bars { display: block; width: 100%; height: 4.5rem; border-bottom: 1px solid var(--line); } .bars .rest { fill: var(--accent); } .bars .wrong { fill: var(--bad); } figure { margin: .75rem 0 0; }
.steps { margin: .5rem 0 0; padding-left: 1.4rem; } .steps li + li { margin-top: .4rem; }
.checks { list-style: none; padding: 0; margin: .5rem 0 0; } .checks li { position: relative; padding-left: 1.9rem; } .checks li + li { margin-top: .5rem; }
.checks li::before { position: absolute; left: .1rem; font-weight: 700; } .checks .done::before { content: '✓'; color: var(--good); } .checks .open::before { content: '○'; color: var(--warn); }
.pairs + p, .pairs + figure { margin-top: .75rem; } .checks a { display: inline-block; } .choices label { display: flex; gap: .3rem; } .choices input { flex: none; margin-top: .2rem; }
.choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0 1rem; } .rights { min-width: 9rem; font-size: .9375rem; overflow-wrap: anywhere; }
ul.tiles { list-style: none; padding: 0; margin: .5rem 0 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .75rem; } ul.tiles li { border: 1px solid var(--soft); border-radius: .6rem; padding: .7rem .9rem; } ul.tiles a { font-weight: 600; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); grid-template-rows: auto 1fr; column-gap: 2.5rem; min-height: 100vh; align-content: start; }
  .top { grid-column: 1 / -1; } main { grid-column: 2; padding-top: 1.5rem; max-width: 60rem; } body:not(:has(.pages)) main { grid-column: 1 / -1; width: 100%; justify-self: center; }
  .pages { flex-direction: column; flex-wrap: nowrap; border: 0; margin: 0; padding-top: 1.5rem; } .pages a { padding: .35rem .75rem; border-left: 3px solid transparent; } .pages a[aria-current] { border-color: var(--accent); background: var(--raised); }
}
.publish { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .4rem .75rem; margin-bottom: 0; align-items: baseline; } .publish dt { color: var(--quiet); font-size: .875rem; } .publish dd { margin: 0; }
@media (max-width: 30rem) { .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; } .card { padding: .9rem; } h1 { font-size: 1.4rem; } }
`;
