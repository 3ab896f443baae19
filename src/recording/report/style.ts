/** The look of the report: light, dark where the reader's system is, and always light on paper. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6470;--line:#d5dae1;--back:#fff;--card:#f6f8fa;--good:#0f7b5f;--lost:#c22f2f;--warn:#8a5a00;
--c0:#0072b2;--c1:#e69f00;--c2:#56b4e9;--c3:#cc79a7;--c4:#009e73;--c5:#d55e00;--on0:#fff;--on1:#1b1f24;--band:#0072b233}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#9aa4b1;--line:#3a424d;--back:#14171c;--card:#1d222a;--good:#3fb68b;--lost:#ff6b63;--warn:#e0b04a;
--c0:#4ea3dc;--c1:#f0b429;--c2:#8fd0f5;--c3:#e19cc2;--c4:#3fc39a;--c5:#f08a4b;--on0:#0b0e12;--on1:#0b0e12;--band:#4ea3dc40}}
@media print{:root{--ink:#000;--dim:#444;--line:#bbb;--back:#fff;--card:#fff;--good:#0f7b5f;--lost:#c22f2f;--warn:#6d4700;--c0:#0072b2;--c1:#e69f00;--c2:#56b4e9;--c3:#cc79a7;
--c4:#009e73;--c5:#d55e00;--on0:#fff;--on1:#000;--band:#0072b233}
body{font-size:9.5pt;padding:0;max-width:none}svg,table{break-inside:auto}tr,svg,h2{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:72rem;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:.9rem;margin:1.2rem 0 .3rem;color:var(--dim);font-weight:600}
p.when{color:var(--dim);margin:0 0 1rem}ul.head{padding-left:1.1rem}ul.head li:first-child{font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{text-align:left;vertical-align:top;padding:.28rem .6rem .28rem 0;border-bottom:1px solid var(--line)}
th{color:var(--dim);font-weight:600;white-space:nowrap}td.n{font-variant-numeric:tabular-nums;white-space:nowrap}td.w{overflow-wrap:anywhere}
code{font:.92em/1.4 ui-monospace,monospace;overflow-wrap:anywhere}.bad{color:var(--lost);font-weight:600}.warn{color:var(--warn)}.good{color:var(--good)}.dim{color:var(--dim)}
svg{width:100%;height:auto;display:block;font-family:system-ui,sans-serif}svg text{font-size:12px;fill:var(--ink)}svg text.tick{font-size:11px;fill:var(--dim)}
.grid{stroke:var(--line);stroke-width:.7}.foot{stroke:var(--line)}.hold rect{stroke:var(--back);stroke-width:.6}
.c0 rect,rect.c0{fill:var(--c0)}.c1 rect,rect.c1{fill:var(--c1)}.c2 rect,rect.c2{fill:var(--c2)}.c3 rect,rect.c3{fill:var(--c3)}.c4 rect,rect.c4{fill:var(--c4)}.c5 rect,rect.c5{fill:var(--c5)}
.c0 text{fill:var(--on0)}.c1 text,.c2 text,.c3 text,.c4 text,.c5 text{fill:var(--on1)}
.nobody rect{fill:var(--back);stroke:var(--lost);stroke-width:2;stroke-dasharray:4 3}.nobody text{fill:var(--lost)}
.both rect{fill:var(--lost)}.both text{fill:var(--back)}.unknown rect{fill:var(--card);stroke:var(--line);stroke-dasharray:2 3}.unknown text{fill:var(--dim)}
rect.good{fill:var(--good)}rect.lost,rect.lostmark{fill:var(--lost)}rect.dim{fill:var(--line)}.band{fill:var(--band)}.mean{fill:none;stroke:var(--c0);stroke-width:1.4}
.gap{fill:var(--warn);fill-opacity:.25}
.todo{border:1px dashed var(--line);border-radius:6px;padding:.5rem .8rem;color:var(--dim);min-height:4.5rem}
footer{margin-top:2.5rem;color:var(--dim);font-size:.82rem}
`;
