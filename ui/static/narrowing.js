// Puts a field over a long list of tick boxes, which leaves those that have the typed words; what is ticked always stays.
import { entryOf, rankOf } from "./finding.js";

const MANY = 15;
const words = document.querySelector("script[data-choices]").dataset;
const number = new Intl.NumberFormat(document.documentElement.lang);

function narrow(list, rows) {
  const field = document.createElement("input");
  const note = document.createElement("p");
  const entries = rows.map((row) => {
    const box = row.querySelector("input");
    return { row, box, entry: entryOf(row.querySelector(".form-check-label").firstChild.textContent.trim(), box.value) };
  });
  Object.assign(field, { type: "search", className: "form-control", placeholder: words.narrow, autocomplete: "off" });
  field.setAttribute("aria-label", `${words.narrow}: ${list.querySelector("legend").textContent}`);
  note.className = "li-hint";
  note.setAttribute("aria-live", "polite");
  field.addEventListener("input", () => {
    let found = 0;
    for (const { row, box, entry } of entries) {
      const fits = rankOf(entry, field.value) !== null;
      found += fits;
      row.hidden = !fits && !box.checked;
    }
    note.textContent = !field.value.trim() ? "" : found ? words.found.replace("{n}", number.format(found)) : words.nothing;
  });
  // Enter sends a form; here it would do so before anything was chosen.
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list.querySelector("legend").after(field, note);
}

for (const list of document.querySelectorAll("fieldset.li-facet")) {
  const rows = [...list.querySelectorAll(":scope > label.form-check")];
  if (rows.length > MANY) narrow(list, rows);
}
