// The live feed: takes rows from the stream and shows them, at once or when asked; the page works without it.

const SEEN = "liaison-feed-seen";
const MOST_WAITING = 200;
const MOST_SHOWN = 500;
const AGAIN_MILLISECONDS = 10_000;
const ANNOUNCE_MILLISECONDS = 3_000;

const feed = document.getElementById("feed");
const part = (name) => document.getElementById(`feed-${name}`);
const [list, state, pause, show, count, waiting] = ["events", "state", "pause", "show", "count", "waiting"].map(part);
const words = feed.dataset;
const number = new Intl.NumberFormat(words.language);

let last = Number(words.after); // the newest event that came, shown or kept
let shown = last;
let kept = []; // rows that wait, the oldest first
let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;
let source = null;
let announcing = 0;

function tell(text) {
  if (state.textContent !== text) state.textContent = text;
}

function connect() {
  tell(words.connecting);
  const join = words.stream.includes("?") ? "&" : "?";
  source = new EventSource(`${words.stream}${join}after=${last}`);
  source.onopen = () => tell(paused ? words.paused : words.connected);
  source.onmessage = (message) => take(Number(message.lastEventId), message.data);
  source.addEventListener("reset", () => {
    source.close();
    tell(words.reset);
  });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return tell(words.lost); // the browser goes on by itself
    tell(words.away);
    setTimeout(connect, AGAIN_MILLISECONDS);
  };
}

function take(index, html) {
  if (!(index > last)) return; // seen before
  last = index;
  kept.push([index, html]);
  if (!paused) return reveal();
  if (kept.length >= MOST_WAITING) {
    source.close();
    source = null;
    tell(words.full);
  }
  count.textContent = `(${number.format(kept.length)})`;
  show.hidden = false;
  announcing ||= setTimeout(announce, ANNOUNCE_MILLISECONDS);
}

function announce() {
  announcing = 0;
  if (kept.length) waiting.textContent = words.waiting.replace("{n}", number.format(kept.length));
}

function reveal() {
  const box = document.createElement("template");
  for (const [index, html] of kept) {
    box.innerHTML = html; // written by the hub, which escapes what is not its own
    list.prepend(box.content);
    shown = index;
  }
  list.hidden = false;
  kept = [];
  count.textContent = waiting.textContent = "";
  show.hidden = true;
  while (list.children.length > MOST_SHOWN) list.lastElementChild.remove();
  remember();
}

function setPaused(wanted) {
  paused = wanted;
  pause.textContent = paused ? words.resume : words.pause;
  if (!source) connect();
  else if (source.readyState === EventSource.OPEN) tell(paused ? words.paused : words.connected);
}

pause.addEventListener("click", () => {
  setPaused(!paused);
  if (!paused) reveal();
});

show.addEventListener("click", () => {
  const first = kept[kept.length - 1]?.[0];
  reveal();
  if (!source) connect();
  const row = document.getElementById(`e${first}`);
  row?.setAttribute("tabindex", "-1");
  row?.focus();
});

function remember() {
  try {
    localStorage.setItem(SEEN, JSON.stringify({ index: shown, at: new Date().toISOString() }));
  } catch {
    // a browser that keeps nothing: the next visit is the first one
  }
}

function sinceLastVisit() {
  let seen = null;
  try {
    seen = JSON.parse(localStorage.getItem(SEEN));
  } catch {
    return;
  }
  if (!Number.isInteger(seen?.index) || seen.index >= last || seen.index < -1) return;
  const when = part("since-when");
  when.dateTime = seen.at;
  const style = { dateStyle: "medium", timeStyle: "short" };
  when.textContent = new Intl.DateTimeFormat(words.language, style).format(new Date(seen.at));
  const there = new URL(location.href);
  there.searchParams.set("after", seen.index);
  part("since-link").href = there;
  part("since").hidden = false;
  for (const row of list.children) {
    if (Number(row.dataset.index) <= seen.index) break;
    const mark = document.createElement("span");
    mark.className = "li-badge li-watch";
    mark.textContent = words.new;
    row.firstElementChild.append(" ", mark);
  }
}

sinceLastVisit();
addEventListener("pagehide", remember);
part("controls").hidden = false;
setPaused(paused);
