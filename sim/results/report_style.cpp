#include "sim/results/report_style.h"

namespace gemeo {

// Blue and orange stay apart for every common kind of colour blindness; dark steps lie far enough from white to print.
// Letters of maps come in two sizes, one of which is shown.
char const* page_style() {
  return R"css(
:root{--ink:#16202b;--soft:#4d5b69;--rule:#d5dbe1;--paper:#fff;--tint:#f3f6f8;--accent:#0b4f6c;--warn:#8a3b00;--warnbg:#fff4e5;
--d1:#86a9d4;--d2:#3b74b8;--d3:#0b3470;--u1:#e3a35c;--u2:#c9640f;--u3:#7a2a02;--base:#4d5b69;--other:#00737f}
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:0 20px 48px}
h1{font-size:1.95rem;line-height:1.2;margin:.2em 0 .3em;letter-spacing:-.01em}
h2{font-size:1.3rem;line-height:1.25;margin:2.4em 0 .5em;padding-top:.5em;border-top:2px solid var(--ink)}
h3{font-size:1.02rem;margin:1.4em 0 .4em}
p{margin:.5em 0;max-width:72ch}
a{color:var(--accent)}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.langs{position:relative;max-width:1080px;margin:0 auto;padding:14px 20px 0;display:flex;gap:4px;justify-content:flex-end;font-size:.9rem}
.langs label{padding:6px 12px;border:1px solid var(--rule);border-radius:4px;cursor:pointer;color:var(--soft)}
input.lang{position:absolute;opacity:0;pointer-events:none}
#lang-pt:checked~.langs label[for=lang-pt],#lang-en:checked~.langs label[for=lang-en]{background:var(--ink);border-color:var(--ink);color:#fff}
#lang-pt:focus-visible~.langs label[for=lang-pt],#lang-en:focus-visible~.langs label[for=lang-en]{outline:3px solid #f0a500;outline-offset:1px}
#lang-pt:checked~main[lang=en],#lang-en:checked~main[lang=pt]{display:none}
.kicker{color:var(--soft);font-size:.92rem;margin:0}
.versus{color:var(--soft);font-size:1.05rem;margin:0 0 1em}
.lead{border-left:6px solid var(--accent);background:var(--tint);padding:16px 20px;margin:1.1em 0}
.lead .say{font-size:1.42rem;line-height:1.3;font-weight:650;margin:0 0 .3em;max-width:none}
.lead .but{font-weight:600}.lead p{margin:.2em 0;max-width:80ch}
.notes{margin:1em 0;padding:12px 18px;border:1px solid #e0b27c;background:var(--warnbg);border-left:6px solid var(--warn)}
.notes.mild{border-color:var(--rule);border-left-color:var(--soft);background:#fff}
.notes h2,.notes h3{margin:0 0 .3em;padding:0;border:0;font-size:1.02rem}
.notes ul{margin:.2em 0;padding-left:1.2em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(290px,1fr));gap:12px;margin:1em 0}
.card{border:1px solid var(--rule);border-radius:6px;padding:12px 14px 10px}
.card h3{margin:0;font-size:.92rem;font-weight:600;color:var(--soft)}
.card .big{font-size:1.65rem;font-weight:680;line-height:1.2;margin:.15em 0 0}
.card .big small{font-size:.95rem;font-weight:500;color:var(--soft)}
.card p{margin:.15em 0;font-size:.9rem}
.v{white-space:nowrap;font-size:.88em}
.v::before{content:"";display:inline-block;width:.72em;height:.72em;border-radius:50%;border:2px solid currentColor;margin-right:.4em;vertical-align:-.06em}
.v.clear::before{background:currentColor}
.v.weak::before{background:linear-gradient(90deg,currentColor 50%,transparent 50%)}
.v.not,.v.none{color:var(--soft)}
.tight .w{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.tight td:last-child{width:1.6em;padding-right:0;text-align:center}.tight .v::before{margin:0}
.worse{color:#8a3200}.better{color:#0b3f7f}
figure{margin:1em 0}
figcaption{font-size:.92rem;color:var(--soft);max-width:80ch;margin:.3em 0 0}
figcaption b,figure h3{color:var(--ink)}
figure h3{margin:.2em 0}
svg{display:block;width:100%;height:auto}
svg.map{background:#f8f9f8;border:1px solid var(--rule)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.rd{fill:none;stroke-linecap:round;stroke-linejoin:round}
.k0{stroke:#c3c9ce}.k1{stroke:var(--d1)}.k2{stroke:var(--d2)}.k3{stroke:var(--d3)}.k4{stroke:var(--u1)}.k5{stroke:var(--u2)}.k6{stroke:var(--u3)}
.k21{stroke:#cfdcee}.k22{stroke:#a9c3e3}.k23{stroke:#8397bd}.k24{stroke:#f3dcc0}.k25{stroke:#e9b98c}.k26{stroke:#c79a86}
.k7{stroke:#0a0a0a;stroke-width:26px;stroke-dasharray:70 55}
.k8{stroke:#0a0a0a;stroke-width:46px;stroke-dasharray:.1 95;pointer-events:none}
.k10{stroke:#c3c9ce}.k11{stroke:#9ebcda}.k12{stroke:#8c96c6}.k13{stroke:#8856a7}.k14{stroke:#7a0177}.k15{stroke:#33002e}
.lb text{font-family:system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;fill:#16202b;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:42px;stroke-linejoin:round;font-weight:450}
.narrow text{stroke-width:84px}
.narrow{display:none}
.fu path{fill:none;stroke:#16202b;stroke-width:22}.fu .na{fill:#16202b;stroke:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:.5em 0;font-size:.88rem}
.legend li{display:flex;align-items:center;gap:7px}
.legend svg{width:34px;height:14px;flex:none}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(410px,1fr));gap:18px 32px;margin:1em 0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(430px,1fr));gap:4px 36px}
.two>:only-child{max-width:720px}
.chart text{font-family:system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;fill:var(--soft);font-size:11.5px}
.chart .ct{font-size:13.5px;font-weight:650;fill:var(--ink)}.chart .cs{font-size:12px;fill:var(--ink)}
.gl{stroke:#e2e7eb;fill:none}.gz{stroke:#7d8a96;fill:none}
.bb{fill:#4d5b69;fill-opacity:.2}.bo{fill:#00737f;fill-opacity:.22}.bd{fill:#5b3a8e;fill-opacity:.22}
.lb0{fill:none;stroke:#4d5b69;stroke-width:2;stroke-dasharray:6 4}.lo{fill:none;stroke:#00737f;stroke-width:2.4}.ld{fill:none;stroke:#5b3a8e;stroke-width:2}
.hg{fill:var(--d2)}.hl{fill:var(--u2)}
.scroll{overflow-x:auto;margin:.5em 0 1em}
table{border-collapse:collapse;width:100%;font-size:.93rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:650;padding:0 0 .3em}
th,td{padding:5px 10px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
thead th{font-size:.84rem;color:var(--soft);font-weight:600;border-bottom:1px solid var(--ink)}
td.n,th.n{text-align:right;white-space:nowrap}th.n{white-space:normal;vertical-align:bottom}thead th{vertical-align:bottom}
td small,.card small{color:var(--soft)}
.n small{display:block;font-size:.86em}.n i{font-style:normal;color:var(--soft);font-size:.92em;margin-left:.3em}
.gr th{font-weight:650;padding-top:.9em;font-size:.9em}
tbody th{font-weight:500}
.method{background:var(--tint);padding:6px 20px 16px;margin-top:2.4em}
.method h2{border:0;margin-top:.6em}
.method dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;font-size:.92rem;margin:.5em 0}
.method dt{color:var(--soft)}.method dd{margin:0;overflow-wrap:anywhere}
details{margin:.6em 0}
summary{cursor:pointer;color:var(--accent);font-weight:550}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;background:#fff;border:1px solid var(--rule);padding:10px;max-height:26em;overflow:auto}
footer{color:var(--soft);font-size:.86rem;border-top:1px solid var(--rule);margin-top:2em;padding-top:.8em}
@media(max-width:700px){
body{font-size:15.5px}main{padding:0 14px 36px}.langs{padding:10px 14px 0}
h1{font-size:1.5rem}.lead{padding:12px 14px}.lead .say{font-size:1.2rem}
.pair{grid-template-columns:1fr}.charts,.two{grid-template-columns:minmax(0,1fr)}.cards{grid-template-columns:1fr 1fr;gap:8px}
.card{padding:9px 10px 7px}.card .big{font-size:1.3rem}
.wide{display:none}.narrow{display:inline}
td .w{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}td .v::before{margin:0}th.ev{font-size:0}.five table{font-size:.76rem}.five th,.five td{padding-right:5px}.five thead th{font-size:.72rem}
table{font-size:.86rem}th,td{padding:5px 6px 5px 0}td.n,th.n{white-space:normal}
.method{padding:4px 14px 12px;margin-left:-14px;margin-right:-14px}.method dl{grid-template-columns:1fr;gap:0}.method dd{margin:0 0 .5em}
}
@media(max-width:340px){.cards{grid-template-columns:1fr}}
@media print{
@page{size:A4;margin:14mm}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font-size:9.6pt;line-height:1.38}main{max-width:none;padding:0}.langs{display:none}
h1{font-size:18pt}h2{font-size:13pt;margin-top:1.4em;break-after:avoid}h3,caption{break-after:avoid}
.lead .say{font-size:13.5pt}.cards{grid-template-columns:repeat(3,1fr)}.card .big{font-size:13pt}
figure,.card,.notes,.lead,tr,.chart{break-inside:avoid}.charts,.two{grid-template-columns:1fr 1fr;gap:4px 18px}
.pair{grid-template-columns:1fr 1fr}.scroll{overflow:visible}pre{max-height:none;font-size:7pt}
.wide{display:inline}.narrow{display:none}details.more{display:none}summary{color:var(--ink);list-style:none;font-weight:650}td .w{position:static;width:auto;height:auto;clip-path:none}.tight .w{position:absolute;width:1px;height:1px;clip-path:inset(50%)}a{color:inherit;text-decoration:none}
svg.map{max-height:150mm}
}
)css";
}

// The page reads without it: it only tells the browser the language chosen, and opens folded parts for the printer.
char const* page_script() {
  return R"js(
(function(){var d=document,r=d.querySelectorAll('input.lang');
function set(){r.forEach(function(i){if(i.checked){d.documentElement.lang=i.value;d.title=i.dataset.title}})}
r.forEach(function(i){i.addEventListener('change',set)});
var h=location.hash.slice(1);r.forEach(function(i){if(i.value===h)i.checked=true});set();
addEventListener('beforeprint',function(){d.querySelectorAll('details:not(.more)').forEach(function(e){e.open=true})})})();
)js";
}

}  // namespace gemeo
