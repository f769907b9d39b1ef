import { colourCss } from './colours.js'

/** The style of the page, light or dark as the reader's system is. */
export const pageCss: string = `
:root{--ink:#1d1d1f;--quiet:#5c5c63;--paper:#fff;--line:#d9d9de;--good:#00703c;--bad:#b3261e}
@media (prefers-color-scheme: dark){:root{--ink:#ececee;--quiet:#a5a5ad;--paper:#16161a;--line:#3a3a42;--good:#5fd39a;--bad:#ff8a80}}
${colourCss}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1100px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}h3{font-size:1rem;font-weight:600;margin:1rem 0 0}
dl{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;margin:0}dl div{display:flex;gap:.4rem}dt{color:var(--quiet)}dd{margin:0}
.table{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.22rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--quiet);font-weight:600}
.number{text-align:right}tr.wide{color:var(--quiet)}tr.wide td:last-child,tr.missed td:nth-child(2){color:var(--bad);font-weight:600}
tr.reached td:nth-child(2){color:var(--good)}
.figures{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;flex:1 1 440px;max-width:540px}figure.broad{max-width:none;flex-basis:100%}
figcaption{display:flex;justify-content:space-between;font-size:13px;font-weight:600}figcaption span{color:var(--quiet);font-weight:400}
svg{width:100%;height:auto;display:block}.grid{stroke:var(--line)}.tick,.axis{font-size:11px;fill:var(--quiet)}.mark{stroke:var(--ink);stroke-dasharray:4 3}
.series{stroke:var(--c);fill:var(--c)}.series polyline{fill:none;stroke-width:2}.series circle.wide{fill:var(--paper)}
.bar{fill:var(--c)}.bar.wide{fill-opacity:.35;stroke:var(--c);stroke-dasharray:3 2}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.2rem 0 0;font-size:12px}
.legend li::before{content:"";display:inline-block;width:.9em;height:.9em;margin-right:.4em;border-radius:2px;background:var(--c);vertical-align:-.1em}
`
