// Keeps the phones fresh and sends forms without leaving the page. Without this script the page works by reloading.
import { know, renew } from "./swap.js";

const phoneOf = (element) => element.closest("[data-network]");
const phoneNamed = (id) => [...document.querySelectorAll("[data-network]")].find((p) => p.dataset.network === id);
const textOf = (phone) => phone.querySelector(".text textarea");
const menus = (within, but) => { for (const d of within.querySelectorAll("details.menu[open]")) if (d !== but) d.open = false; };

// Where the phones are stands in the window's address. A link or a form of one phone knows the places of the others
// only as they were when it was made, so its own place alone is taken from it.
const placed = (network, query) => {
  const all = new URLSearchParams(location.search);
  for (const key of [...all.keys()]) if (key.startsWith(network + ".")) all.delete(key);
  for (const [key, value] of new URLSearchParams(query)) if (key.startsWith(network + ".")) all.set(key, value);
  return all;
};
const moveTo = (all) => { all.delete("only"); history.replaceState(null, "", "/?" + all); };
const own = (network, all = new URLSearchParams(location.search)) => [...all].filter(([key]) => key.startsWith(network + ".")).join();
const only = (network, all = new URLSearchParams(location.search)) => {
  const asked = new URLSearchParams(all);
  asked.set("only", network);
  return "?" + asked;
};

// What is asked of one phone's server side happens one after another, so that no old answer hides a newer one.
const lines = new Map();
const inLine = (network, work) => {
  const done = (lines.get(network) || Promise.resolve()).then(work).catch(() => {}); // the event stream tries again
  lines.set(network, done);
  return done;
};

const drafts = new Map();
const spot = (phone) => [phone.dataset.network, phone.dataset.customer, phone.dataset.chat].join("\n");

const show = (network, answer, leave) => {
  const fresh = [...new DOMParser().parseFromString(answer, "text/html").querySelectorAll("[data-network]")].find((p) => p.dataset.network === network);
  const phone = phoneNamed(network);
  if (!fresh || !phone) return null;
  const composer = phone.querySelector(".composer");
  const other = fresh.querySelector(".composer");
  const before = spot(phone);
  if (!composer !== !other) { // the first customer came
    fresh.classList.toggle("shown", phone.classList.contains("shown"));
    know(fresh);
    phone.replaceWith(fresh);
    return fresh;
  }
  if (composer && textOf(phone)) drafts.set(before, textOf(phone).value);
  const grown = renew(phone, fresh, leave);
  if (composer && before !== spot(phone)) {
    composer.replaceWith(other);
    know(phone);
    if (textOf(phone) && drafts.get(spot(phone))) textOf(phone).value = drafts.get(spot(phone));
    toEnd(phone);
  }
  if (grown && !phone.classList.contains("shown")) tabOf(network)?.classList.add("news");
  return phone;
};

const toEnd = (phone) => { const s = phone.querySelector("[data-scroll]"); if (s) s.scrollTop = s.scrollHeight; };

const waiting = new Set();
const refresh = (network) => {
  if (waiting.has(network)) return;
  waiting.add(network);
  inLine(network, async () => {
    waiting.delete(network);
    const answer = await fetch("/" + only(network));
    if (answer.ok) show(network, await answer.text(), ["problem"]);
  });
};

const complain = (phone, words) => {
  const part = phone.querySelector("[data-part=problem]");
  const box = document.createElement("div");
  box.className = "problem";
  box.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  part.replaceChildren(box);
  know(phone);
};

// Links within a phone.
const follow = (phone, link) => {
  const network = phone.dataset.network;
  const editing = new URLSearchParams(location.search).has(network + ".edit");
  const all = placed(network, new URL(link.href).search);
  all.set("show", network);
  moveTo(all);
  const writes = link.matches("[data-reply], [data-edit], [data-cancel]");
  menus(phone);
  inLine(network, async () => {
    const answer = await fetch("/" + only(network));
    const body = await answer.text();
    const now = show(network, body);
    const text = now && textOf(now);
    if (!text || !writes) return;
    if (link.matches("[data-edit]")) {
      const page = new DOMParser().parseFromString(body, "text/html");
      text.value = textOf(page).value;
    } else if (editing) {
      text.value = "";
    }
    text.focus();
  });
};

const tabOf = (network) => [...document.querySelectorAll("[data-tab]")].find((t) => t.dataset.tab === network);
const choose = (tab) => {
  for (const t of document.querySelectorAll("[data-tab]")) {
    t.classList.toggle("current", t === tab);
    if (t === tab) t.setAttribute("aria-current", "page"); else t.removeAttribute("aria-current");
  }
  for (const p of document.querySelectorAll("[data-network]")) p.classList.toggle("shown", p.dataset.network === tab.dataset.tab);
  tab.classList.remove("news");
  const all = new URLSearchParams(location.search);
  all.set("show", tab.dataset.tab);
  moveTo(all);
};

document.addEventListener("click", (event) => {
  const menu = event.target.closest("details.menu");
  if (!event.target.closest("details.menu details.menu")) menus(document, menu);
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.dataset.tab) { event.preventDefault(); choose(link); return; }
  const phone = phoneOf(link);
  if (phone && link.getAttribute("href").startsWith("/?")) { event.preventDefault(); follow(phone, link); }
});

// A menu of a message opens to the side where there is room.
document.addEventListener("toggle", (event) => {
  const sheet = event.target.matches?.(".actions[open]") && event.target.querySelector(".sheet");
  if (!sheet) return;
  const room = sheet.closest("[data-scroll]").getBoundingClientRect().bottom - sheet.previousElementSibling.getBoundingClientRect().bottom;
  sheet.classList.toggle("down", room > sheet.offsetHeight + 8);
  sheet.classList.toggle("rise", room <= sheet.offsetHeight + 8);
}, true);

// Forms.
const tooLarge = (form) => [...form.querySelectorAll("input[type=file]")].some((i) => [...i.files].some((f) => f.size > Number(document.body.dataset.maxUpload)));

document.addEventListener("submit", (event) => {
  const form = event.target;
  const phone = phoneOf(form);
  if (!phone) return;
  event.preventDefault();
  const network = phone.dataset.network;
  if (tooLarge(form)) {
    complain(phone, "That file is too large: this page takes files of up to " + document.body.dataset.maxText + ". Pick a smaller one.");
    menus(phone);
    return;
  }
  const fields = new FormData(form, event.submitter);
  const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
  const text = form.dataset.form === "text" ? form.querySelector("textarea") : null;
  const written = text ? text.value : "";
  const asked = new URLSearchParams(location.search); // whoever is chosen next, this is for the one who is chosen now
  asked.set("show", network);
  const left = new URLSearchParams(asked);
  if (form.closest(".composer")) for (const key of [network + ".reply", network + ".edit"]) left.delete(key);
  moveTo(left);
  if (text) { text.value = ""; stopTyping(text); }
  if (!form.closest(".more")) menus(phone);
  inLine(network, async () => {
    let answer;
    try {
      answer = await fetch(new URL(form.action).pathname + only(network, asked), { method: "POST", body });
    } catch {
      if (text && !text.value) text.value = written;
      complain(phone, "Nobody answers. Is the emulator still running?");
      return;
    }
    const stayed = own(network) === own(network, left);
    if (answer.redirected && stayed) moveTo(placed(network, new URL(answer.url).search));
    if (!answer.redirected && stayed) moveTo(asked);
    if (!answer.redirected && text && !text.value) text.value = written;
    const now = show(network, await answer.text());
    if (!now) { complain(phone, "That did not work; reload the page."); return; }
    if (answer.redirected && !text) form.reset();
    if (answer.redirected && form.closest(".composer")) toEnd(now);
    if (form.closest(".composer, .actions")) textOf(now)?.focus({ preventScroll: true });
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details.menu[open]");
    menus(document);
    menu?.querySelector("summary").focus();
  }
  const text = event.target.closest?.(".text textarea");
  if (text && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    text.form.requestSubmit();
  }
});

// The business sees that the customer is typing, where the network tells it.
const typing = new WeakMap();
const tell = (text, on) => {
  const phone = phoneOf(text);
  const path = new URL(text.dataset.typing, location.href).pathname;
  fetch(path + only(phone.dataset.network), { method: "POST", redirect: "manual", body: new URLSearchParams(on ? { on: "1" } : {}) }).catch(() => {});
};
const stopTyping = (text) => {
  const was = typing.get(text);
  if (!was) return;
  clearTimeout(was.end);
  typing.delete(text);
  tell(text, false);
};
document.addEventListener("input", (event) => {
  const text = event.target.closest("textarea[data-typing]");
  if (!text) return;
  const was = typing.get(text);
  if (was) clearTimeout(was.end);
  const told = was && Date.now() - was.told < 5000 ? was.told : Date.now();
  if (!was || told !== was.told) tell(text, true);
  typing.set(text, { told, end: setTimeout(() => stopTyping(text), 6000) });
});

for (const phone of document.querySelectorAll("[data-network]")) know(phone);
document.addEventListener("pause", (event) => { const phone = phoneOf(event.target); if (phone) refresh(phone.dataset.network); }, true);
const events = new EventSource("/phone/events");
events.onmessage = (event) => refresh(event.data);
addEventListener("pagehide", () => events.close());
