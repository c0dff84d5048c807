// Looks again at a page whose work goes on, and shows how far it has come, until it has ended. Without it: a link.
const WAIT = 1000;

async function look() {
  const shown = document.getElementById("import");
  const got = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await got.text(), "text/html");
  const fresh = page.getElementById("import");
  if (!got.ok || !shown || !fresh) return;
  shown.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.running === "yes") setTimeout(look, WAIT);
}

setTimeout(look, WAIT);
