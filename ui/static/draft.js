// Keeps a draft while it is written: a few seconds after the last key, in the background; the buttons work without it.
const form = document.getElementById("draft");
const kept = document.getElementById("kept");
const PAUSE = 3000;
let timer = 0;
let running = false;

async function keep() {
  if (running) { timer = setTimeout(keep, PAUSE); return; }
  running = true;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("act", "automatic");
  try {
    // Fields of a record may be called like properties of a form: they are asked for by name.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    form.querySelector("[name=draft-version]").value = (await answer.text()).trim();
    kept.textContent = form.dataset.saved;
  } catch {
    kept.textContent = form.dataset.failed;
  } finally {
    running = false;
  }
}

function isChanged(field) {
  if (field.options) {
    const given = [...field.options].filter((option) => option.defaultSelected);
    const first = field.multiple || given.length ? given : [field.options[0]];
    return [...field.options].some((option) => option.selected !== first.includes(option));
  }
  return "defaultValue" in field && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

function soon() {
  kept.textContent = "";
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
}

if (form) {
  form.addEventListener("input", soon);
  form.addEventListener("submit", () => clearTimeout(timer));
  // Somebody may have written before this came, or the browser has brought back what was written.
  if ([...form.elements].some(isChanged)) soon();
  document.getElementById("errors")?.focus();
}
