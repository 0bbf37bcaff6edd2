/** Style of the API reference; the colours are those of the app. */
export const docsStyle = `
:root{color-scheme:light dark;--bg:#fff;--surface:#f5f6f4;--raised:#fff;--line:#e2e5e0;--text:#15201b;--muted:#5b6a62;--accent:#0b7a5b;--on-accent:#fff;--link:#0a6b8a;--danger:#b3261e;--warning:#8a5a00}
@media(prefers-color-scheme:dark){:root{--bg:#0e1412;--surface:#151d1a;--raised:#1c2622;--line:#2a3631;--text:#e8efeb;--muted:#9dada5;--accent:#3fcb9b;--on-accent:#06231a;--link:#6cc7e6;--danger:#ff8a80;--warning:#f2c14e}}
*{box-sizing:border-box}
html{scroll-padding-top:24px}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;display:grid;grid-template-columns:300px minmax(0,1fr)}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
code,.path,.type,.method{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:24px 16px 48px;background:var(--surface);border-right:1px solid var(--line)}
nav h2{font-size:12px;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);margin:24px 8px 4px}
nav a{display:flex;gap:8px;align-items:baseline;padding:5px 8px;border-radius:8px;color:var(--text);font-size:13px}
nav a:hover{background:var(--raised);text-decoration:none}
nav .brand{font-size:20px;font-weight:650;color:var(--accent)}
main{max-width:860px;padding:40px 40px 120px}
h1{font-size:28px;line-height:1.2;margin:0 0 8px}
main>h2{font-size:20px;margin:56px 0 8px}
h3{font-size:15px;margin:0 0 4px;display:flex;gap:10px;align-items:center;flex-wrap:wrap}
h4{font-size:12px;letter-spacing:.05em;text-transform:uppercase;color:var(--muted);margin:16px 0 4px}
p{margin:4px 0}
.call{background:var(--raised);border:1px solid var(--line);border-radius:12px;padding:16px 20px;margin:12px 0}
.call:target{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.path{font-size:14px;font-weight:600;overflow-wrap:anywhere}
.method{font-size:11px;font-weight:700;padding:2px 8px;border-radius:999px;background:var(--accent);color:var(--on-accent)}
.method.get{background:none;color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
.method.delete{background:none;color:var(--danger);box-shadow:inset 0 0 0 1px var(--danger)}
.method.put,.method.patch{background:none;color:var(--warning);box-shadow:inset 0 0 0 1px var(--warning)}
nav .method{min-width:52px;text-align:center;font-size:10px;padding:1px 4px}
.open,.optional{color:var(--muted);font-size:12px;font-weight:400}
.meaning{color:var(--muted);font-size:13px}
.type{color:var(--accent);overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:4px 0}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-top:1px solid var(--line);font-weight:400}
th{width:32%}
td table{margin:8px 0 0;border-left:2px solid var(--line)}td table th{padding-left:12px}
.or{color:var(--muted);font-style:italic}
.errors{margin:4px 0;padding:0;list-style:none;font-size:13px;color:var(--muted)}.errors b{color:var(--danger)}
summary{cursor:pointer}
@media(max-width:820px){body{display:block}nav{position:static;height:auto;max-height:45vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:24px 16px 80px}th{width:42%}}
`
