// Keeps the screen fresh and the menus tidy. Without this script the page works by reloading.
"use strict";
(() => {
  const screen = document.getElementById("screen");
  const toEnd = () => { const l = screen.querySelector(".messages"); l.scrollTop = l.scrollHeight; };

  // One menu open at a time; a click elsewhere closes it.
  document.addEventListener("click", (event) => {
    const inside = event.target.closest("details.menu");
    for (const d of document.querySelectorAll("details.menu[open]")) if (d !== inside) d.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const d of document.querySelectorAll("details.menu[open]")) d.open = false;
    const area = event.target.closest && event.target.closest("textarea");
    if (area && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      area.form.requestSubmit();
    }
  });
  if (!screen) return;

  const query = "?number=" + encodeURIComponent(screen.dataset.number);
  const base = "/phone/" + encodeURIComponent(screen.dataset.user);
  let busy = false;
  let again = false;

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(base + query);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.getElementById("customers").innerHTML = page.getElementById("customers").innerHTML;
        swap(page.getElementById("screen").innerHTML);
      }
    } catch { /* the event stream tries again */ }
    busy = false;
    if (again) { again = false; refresh(); }
  };

  let shown = screen.innerHTML;
  const swap = (html) => {
    if (html === shown) return;
    const playing = [...screen.querySelectorAll("audio, video")].some((m) => !m.paused);
    if (playing) { setTimeout(refresh, 1000); return; }
    const list = screen.querySelector(".messages");
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const top = list.scrollTop;
    const open = new Set([...screen.querySelectorAll("details[open]")].map((d) => d.dataset.key));
    shown = html;
    screen.innerHTML = html;
    for (const d of screen.querySelectorAll("details")) if (open.has(d.dataset.key)) d.open = true;
    if (atEnd) toEnd(); else screen.querySelector(".messages").scrollTop = top;
  };

  toEnd();
  screen.addEventListener("load", toEnd, true); // pictures grow the list
  const events = new EventSource(base + "/events" + query);
  events.onmessage = refresh;
  addEventListener("pagehide", () => events.close());
})();
