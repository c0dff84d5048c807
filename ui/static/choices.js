// Makes long lists of choices searchable: a field in which one types, over the select that is still what is sent.
// It follows the ARIA pattern of an editable combobox with a list; without scripts the select itself is used.
import { entryOf, rankOf } from "./finding.js";

const MANY = 12; // shorter lists are quicker to read than to search
const PAGE = 10;
const words = document.querySelector("script[data-choices]").dataset;
const number = new Intl.NumberFormat(document.documentElement.lang);
let made = 0;

function element(tag, attributes, ...children) {
  const fresh = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) fresh.setAttribute(name, value);
  fresh.append(...children);
  return fresh;
}

// An option that is not in the page's language says in which it is; the others go the page's way, even behind a Latin code.
const spoken = (option) => (option.lang ? { lang: option.lang, dir: "auto" } : { dir: document.dir });
const named = (option) => element("bdi", spoken(option), option.label || words.none);

class Choices {
  constructor(select) {
    this.select = select;
    this.several = select.multiple;
    this.stem = `choices-${(made += 1)}`;
    this.typed = false; // what stands in the field is a search, not the name of what is chosen
    this.moved = false; // the reader went through the list by keys
    this.active = null;
    this.shown = [];
    this.build();
    this.listen();
    this.show();
  }

  build() {
    const { select, stem } = this;
    this.field = element("input", {
      type: "text", class: "form-control", role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${stem}-list`,
    });
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (select.hasAttribute(name)) this.field.setAttribute(name, select.getAttribute(name));
    }
    if (select.required) this.field.setAttribute("aria-required", "true");
    // The label, and links that lead to the field, now lead to where one types.
    this.field.id = select.id || `${stem}-field`;
    select.id = `${stem}-select`;
    this.list = element("div", { class: "li-options", role: "listbox", id: `${stem}-list`, "aria-label": words.list, hidden: "" });
    if (this.several) this.list.setAttribute("aria-multiselectable", "true");
    this.arrow = element("button", { type: "button", class: "li-choices-arrow", tabindex: "-1", "aria-hidden": "true" });
    this.chips = element("ul", { class: "li-chips", "aria-label": words.chosen, hidden: "" });
    this.note = element("p", { class: "li-hint visually-hidden", "aria-live": "polite", "aria-atomic": "true" });
    select.classList.add("visually-hidden");
    select.setAttribute("aria-hidden", "true");
    select.tabIndex = -1;
    const box = element("div", { class: "li-choices-box" }, this.field, this.arrow, this.list);
    this.whole = element("div", { class: "li-choices" }, this.chips, box, this.note);
    select.before(this.whole);
    this.whole.append(select);
  }

  listen() {
    const { field, list, select } = this;
    field.addEventListener("input", (event) => { event.stopPropagation(); this.search(); });
    field.addEventListener("change", (event) => event.stopPropagation());
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("click", () => this.open());
    field.addEventListener("focus", () => { if (!this.several) field.select(); });
    field.addEventListener("blur", () => this.leave());
    for (const part of [list, this.arrow]) part.addEventListener("mousedown", (event) => event.preventDefault());
    this.arrow.addEventListener("click", () => {
      const was = this.isOpen;
      field.focus();
      if (was) this.close(); else this.open();
    });
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.choose(this.shown.find((each) => each.row === row).option);
    });
    select.addEventListener("change", () => this.show());
    select.addEventListener("focus", () => field.focus()); // a browser leads there when it must not be empty
    select.form?.addEventListener("reset", () => setTimeout(() => this.show()));
    addEventListener("pageshow", () => { if (!this.typed) this.show(); }); // a browser may bring back what was chosen before
  }

  get isOpen() { return !this.list.hidden; }
  get chosen() { return [...this.select.selectedOptions]; }
  get empty() { return [...this.select.options].find((option) => option.value === ""); }

  // The choices with what they are found by, made when they are first asked for.
  get entries() {
    const options = [...this.select.options].filter((option) => !option.disabled && !(this.several && !option.value));
    this.found ??= options.map((option) => ({ option, entry: entryOf(option.label, option.value) }));
    return this.found;
  }

  // Shows what the select holds.
  show() {
    this.typed = false;
    if (!this.several) {
      const [option] = this.chosen;
      this.field.value = option?.value ? option.label : "";
      this.field.placeholder = this.empty?.label || words.search;
      for (const name of ["lang", "dir"]) this.field.removeAttribute(name);
      if (this.field.value) for (const [name, value] of Object.entries(spoken(option))) this.field.setAttribute(name, value);
      return;
    }
    this.field.value = "";
    this.field.removeAttribute("dir");
    this.field.placeholder = words.search;
    // What is already there stays: the reader may be about to press it.
    const [held, chosen] = [this.held ?? [], this.chosen];
    if (held.length === chosen.length && held.every((option, place) => option === chosen[place])) return;
    this.held = chosen;
    this.chips.replaceChildren(...chosen.map((option) => this.chip(option)));
    this.chips.hidden = !chosen.length;
  }

  chip(option) {
    const name = `${words.remove} ${option.label}`;
    const remove = element("button", { type: "button", "aria-label": name, title: name }, element("span", { "aria-hidden": "true" }, "×"));
    remove.addEventListener("click", () => { this.toggle(option); this.field.focus(); });
    return element("li", { class: "li-chip" }, named(option), remove);
  }

  search() {
    this.typed = true;
    this.moved = false;
    this.field.removeAttribute("lang");
    this.field.dir = "auto";
    this.open(this.field.value.trim() !== "");
    this.tell(this.shown.length ? words.found.replace("{n}", number.format(this.shown.length)) : words.nothing, !this.shown.length);
  }

  // Opens the list with what fits; `first` makes the best of it the active one.
  open(first = false) {
    const text = this.typed ? this.field.value : "";
    const ranked = this.entries
      .map(({ option, entry }) => ({ option, rank: rankOf(entry, text) }))
      .filter(({ option, rank }) => rank !== null && (option.value || !text));
    if (text) ranked.sort((one, other) => one.rank - other.rank); // the order is kept among equals
    const groups = grouped(ranked);
    this.shown = [...groups.values()].flat();
    this.list.replaceChildren(...[...groups].flatMap(([parent, all], place) => this.group(parent, all, place)));
    this.list.hidden = !this.shown.length;
    this.field.setAttribute("aria-expanded", String(this.isOpen));
    this.list.scrollIntoView({ block: "nearest", behavior: "instant" });
    const [chosen] = this.several ? [] : this.chosen;
    this.activate(first ? this.shown[0] : !text && chosen ? this.shown.find(({ option }) => option === chosen) : null);
    if (!this.typed) this.tell("");
  }

  group(parent, all, place) {
    const rows = all.map((each) => (each.row = this.row(each.option)));
    if (parent === this.select) return rows;
    const head = element("div", { class: "li-options-head", id: `${this.stem}-group-${place}`, role: "presentation" }, parent.label);
    return [element("div", { role: "group", "aria-labelledby": head.id }, head, ...rows)];
  }

  row(option) {
    const code = option.value.slice(option.value.lastIndexOf(":") + 1);
    const row = element("div", {
      class: "li-option", role: "option", id: `${this.stem}-${option.index}`, "aria-selected": String(option.selected),
    }, element("span", {}, named(option)));
    // A code that people know, as of a country, is told where the words do not hold it.
    if (/^[A-Z]{2,3}$/u.test(code) && !option.label.includes(code)) row.append(element("bdi", { class: "li-hint", dir: "ltr" }, code));
    return row;
  }

  activate(item) {
    this.active?.row.classList.remove("li-active");
    this.active = item ?? null;
    if (!this.active || !this.isOpen) { this.field.removeAttribute("aria-activedescendant"); return; }
    this.active.row.classList.add("li-active");
    this.field.setAttribute("aria-activedescendant", this.active.row.id);
    this.active.row.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  close() {
    this.moved = false;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.activate(null);
  }

  choose(option) {
    this.toggle(option);
    if (!this.several) { this.close(); this.field.select(); return; }
    this.open();
    this.activate(this.shown.find((each) => each.option === option));
  }

  toggle(option) {
    if (this.several) option.selected = !option.selected; else this.select.value = option.value;
    for (const name of ["input", "change"]) this.select.dispatchEvent(new Event(name, { bubbles: true }));
    this.tell(`${option.selected ? words.added : words.removed} ${option.label || words.none}`);
  }

  // What was typed and left counts if it can mean one choice only; else the reader is told that it does not.
  leave() {
    const text = this.field.value.trim();
    if (this.typed && text) {
      const meant = this.moved ? this.active : this.shown.find(({ option, row }) => row && this.isMeant(option, text));
      if (meant && !(this.several && meant.option.selected)) this.toggle(meant.option);
      else if (!meant) this.tell(words.unknown.replace("{text}", () => `\u2068${text}\u2069`), true);
    } else if (this.typed && !this.several && this.empty && !this.empty.selected) this.toggle(this.empty);
    this.close();
    this.show();
  }

  isMeant(option, text) {
    return this.shown.length === 1 || rankOf(this.entries.find((each) => each.option === option).entry, text) === 0;
  }

  step(by) {
    if (!this.isOpen) { this.open(); if (this.active) return; }
    const place = this.shown.indexOf(this.active);
    const last = this.shown.length - 1;
    this.moved = true;
    if (Math.abs(by) > 1) this.activate(this.shown[Math.min(last, Math.max(0, place + by))]);
    else this.activate(this.shown[place < 0 ? (by > 0 ? 0 : last) : (place + by + last + 1) % (last + 1)]);
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const jumps = this.isOpen && (this.moved || !this.field.value);
    const keys = {
      ArrowDown: () => (event.altKey ? this.open() : this.step(1)),
      ArrowUp: () => (event.altKey ? this.close() : this.step(-1)),
      PageDown: () => this.step(PAGE),
      PageUp: () => this.step(-PAGE),
      // A form is sent by its buttons, as with a select.
      Enter: () => { if (this.isOpen && this.active) this.choose(this.active.option); else this.open(); },
      Home: jumps && (() => { this.moved = true; this.activate(this.shown[0]); }),
      End: jumps && (() => { this.moved = true; this.activate(this.shown.at(-1)); }),
      Escape: (this.isOpen || this.typed) && (() => { this.close(); this.show(); this.tell(""); }),
      Backspace: this.several && !this.field.value && this.chosen.length > 0 && (() => this.toggle(this.chosen.at(-1))),
    };
    if (event.key === "Tab" && this.moved && this.active && this.isOpen && !this.active.option.selected) this.toggle(this.active.option);
    if (!Object.hasOwn(keys, event.key) || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  tell(text, visibly = false) {
    this.note.classList.toggle("visually-hidden", !visibly);
    this.note.textContent = text;
  }
}

// The best group first, and within it the best choice.
function grouped(ranked) {
  const groups = new Map();
  for (const each of ranked) {
    const parent = each.option.parentElement;
    if (!groups.has(parent)) groups.set(parent, []);
    groups.get(parent).push(each);
  }
  return groups;
}

for (const select of document.querySelectorAll("select:not([data-plain])")) if (select.options.length > MANY) new Choices(select);
