package dev.soleinit.http.page;

/** Style and script of the page: part of it, so that it needs nothing from elsewhere. */
final class PageAssets {
    static final String STYLE = """
            :root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#57606a;--line:#d0d7de;
              --ok:#116329;--bad:#a40e26;--run:#2da44e;--failed:#cf222e;--starting:#bf8700}
            @media (prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--dim:#9aa4af;
              --line:#30363d;--ok:#56d364;--bad:#ff7b72;--run:#2ea043;--failed:#f85149;
              --starting:#d29922}}
            *{box-sizing:border-box}
            body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);
              font:1rem/1.5 system-ui,sans-serif}
            header{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:baseline;
              border-bottom:1px solid var(--line)}
            h1{font-size:1.25rem;margin:.25rem 0} h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
            h3{font-size:1rem;margin:.75rem 0 .25rem} #state{font-size:1.25rem;margin:.25rem 0}
            .ok{color:var(--ok)} .bad{color:var(--bad)} #live{color:var(--dim);margin:.25rem 0 0 auto}
            dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}
            dt{color:var(--dim)} dd{margin:0;overflow-wrap:anywhere}
            table{border-collapse:collapse;width:100%;margin:.5rem 0}
            caption{text-align:left;color:var(--dim)}
            th,td{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0;
              border-bottom:1px solid var(--line);overflow-wrap:anywhere}
            th{color:var(--dim);font-weight:600;overflow-wrap:normal}
            svg{width:100%;height:2.5rem;background:var(--line);border-radius:.25rem}
            .run{fill:var(--run)} .failed{fill:var(--failed)} .starting{fill:var(--starting)}
            rect{stroke:var(--bg);stroke-width:1} .wide{overflow-x:auto}
            summary{cursor:pointer}
            """;
    /** Parts in which somebody is with the keyboard stay as they are. */
    static final String SCRIPT = """
            const live = document.getElementById('live');
            let busy = false, again = false;
            const say = text => { live.hidden = false; live.textContent = text; };
            async function draw() {
              if (busy) { again = true; return; }
              busy = true;
              try {
                const answer = await fetch('./', {cache: 'no-store'});
                if (answer.ok) {
                  const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
                  document.title = next.title;
                  for (const part of document.querySelectorAll('[data-part]')) {
                    const fresh = next.getElementById(part.id);
                    if (fresh && fresh.innerHTML !== part.innerHTML
                        && !part.contains(document.activeElement)) {
                      part.innerHTML = fresh.innerHTML;
                    }
                  }
                  say('live');
                }
              } catch (unreachable) {
                say('not reachable');
              }
              setTimeout(() => { busy = false; if (again) { again = false; draw(); } }, 300);
            }
            const events = new EventSource('events');
            events.addEventListener('status', draw);
            events.addEventListener('journal', draw);
            events.onerror = () => say('not reachable; trying again');
            """;

    private PageAssets() {}
}
