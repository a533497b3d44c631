/** The report's style sheet: system fonts, light and dark, readable from 320 pixels on; text has a contrast of 4.5 and more. */
export const style = `
:root { color-scheme: light dark; --text: #1b1b1b; --page: #fff; --quiet: #595959; --line: #8886; --link: #0b57a4; --label: #fff3d6; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --page: #181818; --quiet: #b4b4b4; --link: #8ec1ff; --label: #3d3014; }
  /* A picture is drawn on white: its light is turned round, its hues stay. */
  figure img { filter: invert(.9) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 72rem; overflow-wrap: anywhere; color: var(--text); background: var(--page); }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
a { color: var(--link); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: nowrap; font-weight: inherit; }
thead th { font-weight: 600; }
tbody th { white-space: normal; min-width: 8em; max-width: 16em; padding-left: 0; }
th.n, td.n { text-align: right; }
td ul { margin: 0; padding: 0; list-style: none; }
.score { font-weight: 600; }
td.score { font-size: 1.1rem; }
.label { background: var(--label); border-left: 4px solid #e69f00; padding: .4rem .7rem; margin: .5rem 0; }
dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .2rem 1rem; }
dt, figcaption { color: var(--quiet); } dd { margin: 0; }
figure { margin: 1rem 0; } figcaption { font-size: .9rem; }
figure img { display: block; max-width: 100%; height: auto; }
summary { cursor: pointer; padding: .4rem 0; }
`;
