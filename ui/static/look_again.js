// Looks again every few seconds at what is under way, and shows it in its place; the link "look again" does the same.
// Each wait is a little longer than the one before, and after some minutes it leaves it to the reader.
const FAILURES = 5;
const LOOKS = 100;

async function look(part, looks, failures) {
  const seconds = Number(part.dataset.lookAgain);
  if (!seconds || looks === LOOKS) return;
  await new Promise((resolve) => { setTimeout(resolve, 100 * seconds * (10 + looks)); });
  let wrong = failures;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(part.id);
    if (!found) return;
    if (!found.dataset.lookAgain) { location.reload(); return; } // it has come to its end: the whole page says so
    part.replaceChildren(...found.childNodes);
    wrong = 0;
  } catch {
    wrong += 1;
  }
  if (wrong < FAILURES) look(part, looks + 1, wrong);
}

for (const part of document.querySelectorAll("[data-look-again]")) look(part, 0, 0);
