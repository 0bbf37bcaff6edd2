/**
 * Light and dark by the reader's own setting; both keep 4.5 : 1 for text and 3 : 1 for what is
 * drawn.
 */
export const pageStyle = `
:root { --ground: #ffffff; --text: #15201b; --muted: #5b6a62; --line: #e2e5e0; --fault: #8a5a00; --sends: #0a6b8a;
  --latency: #b3261e; --catch-up: #0b7a5b; --good: #0b7a5b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0e1412; --text: #e8efeb; --muted: #9dada5; --line: #2a3631; --fault: #f2c14e; --sends: #6cc7e6;
    --latency: #ff8a80; --catch-up: #3fcb9b; --good: #3fcb9b; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
code { font-size: .875rem; overflow-wrap: anywhere; }
.verdict { font-size: 1.25rem; font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--sends); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1.5rem .25rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td.number, th.number { text-align: right; }
svg { display: block; min-width: 44rem; width: 100%; height: auto; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .muted { fill: var(--muted); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .fault { fill: var(--fault); }
svg .catch-up { fill: var(--catch-up); }
svg .sends { fill: var(--sends); }
svg .p50 { stroke: var(--sends); }
svg .p99 { stroke: var(--latency); }
svg .p50, svg .p99 { fill: none; stroke-width: 1.5; }
`
