// The style of what only the pages for lists have.

export const listsStyle = `
.drop { border: 2px dashed light-dark(#868f9c, #6c7684); border-radius: .75rem; padding: 1.5rem 1.25rem; background: var(--raised); text-align: center; } .drop > * + * { margin-top: .6rem; }
.drop h2 label { cursor: pointer; } .drop input[type=file] { border: 0; background: none; padding: .25rem; width: auto; max-width: 100%; }
.over .drop { border-color: var(--accent); border-style: solid; background: var(--soft); }
[hidden] { display: none !important; }
.preview table { font-size: .875rem; width: auto; } .preview th, .preview td { white-space: nowrap; padding: .35rem .75rem; vertical-align: bottom; } .preview td { color: var(--quiet); } .preview td.used { color: inherit; }
.tag { display: block; width: fit-content; font-size: .75rem; font-weight: 600; padding: 0 .45rem; border-radius: 1rem; border: 1px solid currentColor; color: var(--accent); margin-bottom: .15rem; }
button.second, .button.second, button.quiet-button { background: transparent; color: var(--accent); } .button { display: inline-block; font-weight: 600; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; text-decoration: none; } button.quiet-button { font-weight: 400; }
.actions button:not(.second):not(.danger) { background: var(--accent); color: var(--on-accent); } .actions { align-items: start; }
.verdict { border-left: .3rem solid var(--quiet); } .verdict.good { border-left-color: var(--good); } .verdict.warn { border-left-color: var(--warn); } .verdict.bad { border-left-color: var(--bad); }
input[type=range] { padding: 0; border: 0; accent-color: var(--accent); height: 2rem; } form label output { font-weight: 700; }
ul.files { list-style: none; padding: 0; } .files li { display: grid; grid-template-columns: 13rem 4.5rem auto auto 1fr; gap: 0 .9rem; align-items: baseline; padding: .4rem 0; border-bottom: 1px solid var(--soft); } .files b { font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; } .big + .buttons { margin-top: .75rem; } td.mailbox { overflow-wrap: anywhere; }
.verdict svg { width: 100%; max-width: 44rem; height: auto; display: block; } text.label { fill: var(--quiet); font: 13px system-ui, sans-serif; } .axis { stroke: var(--line); stroke-width: 2; } .limit { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3; } .interval { fill: var(--accent); opacity: .35; } .point { fill: var(--accent); }
.history { padding-left: 1.2rem; margin: .5rem 0 0; } .history li { margin-top: .35rem; }
details.card > summary { font-weight: 600; padding: 0; } details.card[open] > summary { margin-bottom: .75rem; }
@media (max-width: 40rem) { .files li { grid-template-columns: 1fr auto auto auto; } .files li .quiet { grid-column: 1 / -1; } }
`;
