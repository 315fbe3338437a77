// The style of the page at /reports, for light and dark mode, for any width, and for print.

/** The colors of bounces and grades. */
const reportColors = `--hard: light-dark(#c0392b, #e8685a); --softly: light-dark(#e0a21b, #e8b84a); --policy: light-dark(#3867c8, #7fa5f5);
  --excellent: light-dark(#1f7a4d, #4cba84); --acceptable: light-dark(#4f8f3a, #86bf6d); --concerning: light-dark(#b97a00, #e3ad3f);
  --poor: light-dark(#c85a1c, #ef8a50); --stop: light-dark(#b3261e, #f0685f);`;

/** Charts, tiles with figures and findings, for pages that have the colors `--raised`, `--line`, `--soft-line` and `--quiet`. */
const chartRules = `
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .75rem; }
.tile { background: var(--raised); border: 1px solid var(--soft-line); border-radius: .6rem; padding: .7rem .9rem; }
.tile h2 { font-size: .8125rem; font-weight: 500; color: var(--quiet); margin: 0; }
.value { font-size: 1.6rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.beneath { font-size: .8125rem; color: var(--quiet); }
.findings { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; }
.findings li { background: var(--raised); border-left: .25rem solid var(--line); border-radius: .375rem; padding: .6rem .9rem; overflow-wrap: anywhere; }
.findings li.concerning { border-color: var(--concerning); } .findings li.poor { border-color: var(--poor); } .findings li.stop { border-color: var(--stop); }
.findings p + p { color: var(--quiet); font-size: .9375rem; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .8125rem; color: var(--quiet); margin-bottom: .4rem; }
.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .35rem; }
.chart { display: grid; grid-template-columns: auto 1fr; gap: .25rem .5rem; font-size: .75rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.chart svg { width: 100%; height: 11rem; overflow: visible; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; min-width: 2.5rem; margin: -.5rem 0; }
.below { grid-column: 2; display: flex; justify-content: space-between; }
rect.hard, i.hard { fill: var(--hard); background: var(--hard); } rect.soft, i.soft { fill: var(--softly); background: var(--softly); }
rect.policy, i.policy { fill: var(--policy); background: var(--policy); }
rect.excellent, i.excellent { fill: var(--excellent); background: var(--excellent); } rect.acceptable, i.acceptable { fill: var(--acceptable); background: var(--acceptable); }
rect.concerning, i.concerning { fill: var(--concerning); background: var(--concerning); } rect.poor, i.poor { fill: var(--poor); background: var(--poor); }
rect.stop, i.stop { fill: var(--stop); background: var(--stop); } rect.few { opacity: .35; }
.day { fill: transparent; } g:hover > .day { fill: var(--soft-line); }
line { vector-effect: non-scaling-stroke; stroke-width: 1; } .grid { stroke: var(--soft-line); }
.mark { stroke-dasharray: 4 4; opacity: .8; } .mark.acceptable { stroke: var(--acceptable); } .mark.concerning { stroke: var(--concerning); }
.mark.poor { stroke: var(--poor); } .mark.stop { stroke: var(--stop); }
.strip { display: block; width: 100%; height: .75rem; border-radius: .2rem; }
`;

/** The same for another page. */
export const chartStyle = `:root { --soft-line: var(--soft); ${reportColors} }${chartRules}`;

export const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a4049); --soft-line: light-dark(#eceff3, #2a2f37);
  --paper: light-dark(#fff, #14171b); --raised: light-dark(#f6f7f9, #1d2127); --quiet: light-dark(#5a6472, #9aa5b4);
  --accent: light-dark(#0a58ca, #7db2ff);
  ${reportColors} }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1.25rem 1rem 3rem; background: var(--paper); }
a { color: var(--accent); }
h1, h2, p { margin: 0; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.05rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1.25rem; }
.range { color: var(--quiet); flex: 1 1 auto; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; font-size: .875rem; }
input, button { font: inherit; padding: .25rem .5rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--paper); color: inherit; }
button { background: var(--raised); cursor: pointer; }
main > section, details { margin-top: 2rem; }
section > h2 { margin-bottom: .5rem; }
.note { background: var(--raised); border-left: .25rem solid var(--concerning); border-radius: .375rem; padding: .6rem .9rem; margin-bottom: 1rem; }
main > .tiles { margin-top: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; width: 100%; font-variant-numeric: tabular-nums; }
thead th { font-weight: 500; color: var(--quiet); font-size: .8125rem; border-bottom: 1px solid var(--line); }
th, td { text-align: right; padding: .35rem .5rem; white-space: nowrap; border-bottom: 1px solid var(--soft-line); }
th:first-child { text-align: left; padding-left: 0; } tbody th { font-weight: 500; max-width: 16rem; overflow: hidden; text-overflow: ellipsis; }
.wide { text-align: left; width: 22%; min-width: 6rem; }
.text { text-align: left; white-space: normal; min-width: 14rem; color: var(--quiet); }
summary { cursor: pointer; font-weight: 600; margin-bottom: .5rem; }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--quiet); }
.grade { display: inline-block; font-size: .75rem; line-height: 1.3; font-weight: 600; padding: .05rem .4rem; border-radius: .3rem; color: var(--quiet); border: 1px solid currentColor; }
.grade.excellent { color: var(--excellent); } .grade.acceptable { color: var(--acceptable); } .grade.concerning { color: var(--concerning); }
.grade.poor { color: var(--poor); } .grade.stop, .grade.critical { color: var(--paper); background: var(--stop); border-color: var(--stop); }
.grade.healthy { color: var(--excellent); } .grade.warning { color: var(--concerning); }${chartRules}@media (max-width: 40rem) { .tiles { grid-template-columns: 1fr 1fr; gap: .5rem; } .value { font-size: 1.35rem; } .wide, .minor { display: none; } }
@media print { :root { color-scheme: light; font-size: 10.5px; } body { max-width: none; padding: 0; } form, .files { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } section, .tile, li, tr { break-inside: avoid; } .chart svg {
  * height: 7rem; }
  .scroll { overflow: visible; } .tiles { grid-template-columns: repeat(5, 1fr); } th, td { padding: .2rem .3rem; } }
`;
