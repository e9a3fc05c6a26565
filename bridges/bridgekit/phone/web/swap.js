// Puts what the server says in place of what the page shows, and keeps what the person has open, typed, chosen or
// listens to.

// What each part was made of, as the server wrote it. Addresses of the page itself say where all phones are, and
// differ without the part having changed.
const sources = new WeakMap();
const source = (html) => html.replace(/((?:href|action)="\/(?:phone\/(?:do|add)\/[^"?]*)?)\?[^"]*"/g, '$1"');

const fieldsIn = (part) => [...part.querySelectorAll("input:not([type=hidden]):not([type=file]), textarea")];
const focusableIn = (part) => [...part.querySelectorAll("a, button, input, textarea, summary, audio, video")];

const remember = (part) => ({
  open: new Set([...part.querySelectorAll("details[open]")].map((d) => d.dataset.key)),
  typed: new Map(fieldsIn(part).filter((f) => f.value !== f.defaultValue || f.checked !== f.defaultChecked).map((f) => [nameOf(part, f), f])),
  focus: focusableIn(part).indexOf(document.activeElement),
});

const nameOf = (part, field) => {
  const form = field.form ? field.form.dataset.form : "";
  return form + " " + field.name + (field.type === "checkbox" ? " " + field.value : "");
};

const restore = (part, kept) => {
  for (const d of part.querySelectorAll("details")) if (kept.open.has(d.dataset.key)) d.open = true;
  for (const f of fieldsIn(part)) {
    const old = kept.typed.get(nameOf(part, f));
    if (old) { f.value = old.value; f.checked = old.checked; }
  }
  if (kept.focus >= 0) {
    const all = focusableIn(part);
    if (all.length) all[Math.min(kept.focus, all.length - 1)].focus({ preventScroll: true });
  }
};

// Pictures and films that were loaded move along, so that nothing flickers.
const keepMedia = (from, to) => {
  for (const fresh of to.querySelectorAll("img, audio, video")) {
    const old = [...from.querySelectorAll(fresh.tagName)].find((m) => m.getAttribute("src") === fresh.getAttribute("src"));
    if (old && old.getAttribute("alt") === fresh.getAttribute("alt")) fresh.replaceWith(old);
  }
};

const busy = (item) => [...item.querySelectorAll("audio, video")].some((m) => !m.paused && !m.loop);

const swapWhole = (part, fresh) => {
  const html = source(fresh.innerHTML);
  const same = sources.get(part) === html;
  sources.set(part, html);
  if (same) return;
  const kept = remember(part);
  keepMedia(part, fresh);
  part.replaceChildren(...fresh.childNodes);
  restore(part, kept);
};

// swapItems renews a list whose items have keys; items that did not change stay as they are.
const swapItems = (list, fresh) => {
  const old = new Map([...list.children].map((item) => [item.dataset.key, item]));
  let after = null;
  let grown = false;
  for (let item of [...fresh.children]) {
    const html = source(item.outerHTML);
    const shown = old.get(item.dataset.key);
    old.delete(item.dataset.key);
    if (shown && (sources.get(shown) === html || busy(shown))) {
      item = shown;
    } else {
      sources.set(item, html);
      if (shown) {
        const kept = remember(shown);
        keepMedia(shown, item);
        shown.replaceWith(item);
        restore(item, kept);
      } else {
        grown = true;
      }
    }
    const next = after ? after.nextElementSibling : list.firstElementChild;
    if (item !== next) list.insertBefore(item, next);
    after = item;
  }
  for (const gone of old.values()) gone.remove();
  return grown;
};

// know remembers what a phone was made of when it came from the server.
export const know = (phone) => {
  for (const part of phone.querySelectorAll("[data-part]")) {
    if (part.dataset.part === "messages") for (const item of part.children) sources.set(item, source(item.outerHTML));
    else sources.set(part, source(part.innerHTML));
  }
};

// renew puts a fresh phone in place of a shown one, but for parts to leave alone, and tells whether messages came.
export const renew = (phone, fresh, leave = []) => {
  let grown = false;
  for (const part of phone.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const other = fresh.querySelector(`[data-part="${name}"]`);
    if (!other || leave.includes(name)) continue;
    if (name === "messages" && part.tagName === "OL") grown = swapItems(part, other);
    else swapWhole(part, other);
  }
  phone.setAttribute("aria-label", fresh.getAttribute("aria-label"));
  phone.dataset.customer = fresh.dataset.customer;
  phone.dataset.chat = fresh.dataset.chat;
  return grown;
};
