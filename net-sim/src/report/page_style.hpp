#pragma once
/// The style sheet and the script of every report page. The script only adds a read-out under the pointer and unfolds
/// the tables for printing; the page is complete without it.

#include <string_view>

namespace cicada::sim::report {

// Series colours: Okabe and Ito, "Color Universal Design", 2008, darkened on white and lightened on black to keep
// contrast.
inline constexpr std::string_view page_style = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#16191d;--soft:#5c6670;--edge:#e2e6ea;--grid:#e9ecef;
--good:#0b6b45;--good-bg:#e0f3ea;--bad:#a3230f;--bad-bg:#fde8e3;--caution:#7a5200;--caution-bg:#fdf1d6;--link:#0072b2;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b8578f;--c4:#c98500;--c5:#3f9fd6;--c6:#5a5f66;--c7:#7b4bb0}
@media (prefers-color-scheme:dark){:root{--page:#111417;--card:#191d22;--ink:#eceff2;--soft:#9ea8b3;--edge:#2b3138;
--grid:#272d34;--good:#62d6a4;--good-bg:#123428;--bad:#ff9c86;--bad-bg:#43190f;--caution:#f3c562;--caution-bg:#3a2c0a;
--link:#5db4ea;--c0:#4aa8e8;--c1:#ff8b4d;--c2:#2fc795;--c3:#e692c2;--c4:#f0b63c;--c5:#9ad4f5;--c6:#b4bcc5;--c7:#b795e6}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:36px 24px 48px}
.kicker{margin:0 0 6px;color:var(--soft);font-size:13px;letter-spacing:.06em;text-transform:uppercase;font-weight:600}
h1{margin:0;font-size:34px;line-height:1.15;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{margin:40px 0 12px;font-size:20px;letter-spacing:-.01em}
h3{margin:0;font-size:15.5px;line-height:1.35}
p{margin:0}
.about{margin-top:10px;max-width:46em;font-size:18px;color:var(--soft);white-space:pre-line;overflow-wrap:anywhere}
.badges{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;margin-top:18px;font-size:14px;color:var(--soft)}
.badge{display:inline-block;padding:3px 12px;border-radius:99px;font-weight:650;font-size:14px;white-space:nowrap}
.badge.good{color:var(--good);background:var(--good-bg)}
.badge.bad{color:var(--bad);background:var(--bad-bg)}
.badge.caution{color:var(--caution);background:var(--caution-bg)}
.notice{margin-top:18px;padding:12px 16px;border-radius:10px;background:var(--caution-bg);color:var(--caution);font-weight:550}
.card{background:var(--card);border:1px solid var(--edge);border-radius:12px}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin-top:26px}
.tile{padding:14px 16px 13px}
.tile dt{font-size:13px;color:var(--soft)}
.tile dd{margin:0}
.tile .figure{font-size:25px;line-height:1.25;font-weight:650;letter-spacing:-.015em;margin:2px 0}
.tile .below{font-size:13px;line-height:1.4;color:var(--soft)}
.story{padding:18px 20px;font-size:17px;line-height:1.6}
.story p+p{margin-top:8px}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,450px),1fr));gap:16px}
.plot{margin:0;padding:16px 16px 8px;min-width:0;display:flex;flex-direction:column;break-inside:avoid}
.plot figcaption p{font-size:13.5px;line-height:1.4;color:var(--soft)}
.plot svg{display:block;width:100%;height:auto;margin-top:auto;padding-top:8px;overflow:visible;touch-action:pan-y}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 14px;margin:8px 0 0;padding:0;font-size:13.5px}
.legend i{display:inline-block;width:16px;height:4px;border-radius:2px;margin-right:6px;vertical-align:middle;background:var(--c)}
.s0{--c:var(--c0)}.s1{--c:var(--c1)}.s2{--c:var(--c2)}.s3{--c:var(--c3)}
.s4{--c:var(--c4)}.s5{--c:var(--c5)}.s6{--c:var(--c6)}.s7{--c:var(--c7)}
svg text{font-size:12px;fill:var(--soft)}
svg .name{fill:var(--ink)}
.soft{color:var(--soft)}
svg .end{text-anchor:end}svg .mid{text-anchor:middle}
.grid{stroke:var(--grid);fill:none}.base{stroke:var(--soft);stroke-opacity:.55;fill:none}
.line{stroke:var(--c);stroke-width:1.9;fill:none;stroke-linejoin:round;stroke-linecap:round}
.bound{--c:var(--ink)}.bound .line{stroke-dasharray:5 4}
.theory .line{stroke-dasharray:.1 4;stroke-width:2.2}.theory circle{fill-opacity:.5}
.area{fill:var(--c);fill-opacity:.1}.bar{fill:var(--c);fill-opacity:.85}svg circle{fill:var(--c)}
.whisker{stroke:var(--c);stroke-width:1.3;stroke-opacity:.75;fill:none}
.mark{stroke:var(--ink);stroke-opacity:.55;stroke-dasharray:3 3;fill:none}
.cursor{stroke:var(--ink);stroke-opacity:.45;visibility:hidden}
.readout{display:block;min-height:20px;margin-top:2px;font-size:13px;line-height:20px;color:var(--soft)}
.readout b{color:var(--ink);font-weight:600}
.readout i{display:inline-block;width:8px;height:8px;border-radius:50%;margin:0 4px 0 10px;background:var(--c)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14.5px;line-height:1.45}
th,td{padding:8px 14px;text-align:left;vertical-align:baseline;border-top:1px solid var(--edge);overflow-wrap:anywhere}
thead th{border-top:0;font-size:13px;color:var(--soft);font-weight:600;overflow-wrap:normal}
td.num,th.num{text-align:right;white-space:nowrap}
tbody tr:hover{background:color-mix(in srgb,var(--edge) 35%,transparent)}
.key{font-family:ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;font-size:13px}
details{margin-top:12px}
summary{padding:13px 18px;cursor:pointer;font-weight:600}
details>div{border-top:1px solid var(--edge)}
pre{margin:0;padding:14px 18px;overflow-x:auto;font:13px/1.55 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
pre.wrap{white-space:pre-wrap;overflow-wrap:anywhere}
.repeat p{padding:14px 18px 0}.repeat p:last-child{padding-bottom:14px}
.repeat code{font:13px ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
footer{margin-top:36px;font-size:13px;color:var(--soft)}
@media (max-width:820px){.tiles{grid-template-columns:1fr 1fr}}
@media (max-width:560px){main{padding:22px 14px 36px}h1{font-size:27px}.about{font-size:16.5px}h2{margin-top:34px}
.tiles{gap:10px}.tile{padding:12px 13px}.tile .figure{font-size:21px}
.story{font-size:16px;padding:14px 16px}.plot{padding:14px 12px 6px}svg text{font-size:14.5px}th,td{padding:7px 10px}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--edge:#ccc;--grid:#e4e4e4;--good:#0b6b45;--good-bg:#fff;
--bad:#a3230f;--bad-bg:#fff;--caution:#7a5200;--caution-bg:#fff;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b8578f;
--c4:#c98500;--c5:#3f9fd6;--c6:#5a5f66;--c7:#7b4bb0}
@page{margin:14mm}@page wide{size:landscape;margin:12mm}body{font-size:11pt}main{padding:0;max-width:none}.plots{grid-template-columns:1fr 1fr;gap:10px}
.tiles{grid-template-columns:repeat(4,1fr)}.card,tr,.badge{break-inside:avoid}details.card{break-inside:auto}
h2,h3,summary{break-after:avoid}.badge{border:1px solid}.readout,details:not([open]){display:none}
.scroll,pre{overflow:visible}.widepart{page:wide}.wide{font-size:7.5pt}.wide thead th{font-size:7.5pt;overflow-wrap:anywhere}.wide th,.wide td{padding:3px 4px;white-space:normal;overflow-wrap:normal}.wide .badge{padding:0 5px;font-size:7.5pt}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.line,.bar,.area,.legend i{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";

inline constexpr std::string_view page_script = R"js(
document.querySelectorAll('svg[data-plot]').forEach(function(svg){
  var d=JSON.parse(svg.dataset.plot),out=svg.parentNode.querySelector('.readout'),cursor=svg.querySelector('.cursor');
  function show(event){
    var box=svg.getBoundingClientRect(),
        x=(event.clientX-box.left)/box.width*svg.viewBox.baseVal.width,best=0;
    d.p.forEach(function(p,i){if(Math.abs(p-x)<Math.abs(d.p[best]-x))best=i});
    if(!d.p.length)return;
    cursor.setAttribute('transform','translate('+d.p[best]+')');cursor.style.visibility='visible';
    out.textContent='';
    function add(tag,text){var e=document.createElement(tag);e.textContent=text;out.appendChild(e);return e}
    add('span',d.x[best]);
    d.s.forEach(function(s){add('i','').className=s[1];if(s[0])add('span',s[0]+' ');add('b',s[2][best])});
  }
  function hide(){cursor.style.visibility='hidden';out.textContent=''}
  svg.addEventListener('pointermove',show);svg.addEventListener('pointerdown',show);svg.addEventListener('pointerleave',hide);
});
addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(e){
  e.dataset.was=e.open?1:'';e.open=true})});
addEventListener('afterprint',function(){document.querySelectorAll('details').forEach(function(e){e.open=!!e.dataset.was})});
)js";

}  // namespace cicada::sim::report
