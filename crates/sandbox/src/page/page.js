// The page: one column per conversation, fed by server-sent events. Cards are drawn by cards.js.

import { drawAttachment, drawCard, watchRenderer } from "./cards.js";
import { element, markdown } from "./plain.js";
import { showSwitchedOn, showSwitches } from "./switches.js";

const $ = (selector, root = document) => root.querySelector(selector);
const columns = $(".columns");
const byId = new Map(); // conversation id -> { node, view, entries: Map }

const post = async (conversation, event, body = {}) => {
  const url = `/sandbox/conversations/${encodeURIComponent(conversation)}/${event}`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `the sandbox answered ${response.status}`);
  return answer;
};

const initials = (name) => name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
const hue = (text) => [...text].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 360, 7);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function avatar(node, name) {
  node.textContent = initials(name);
  node.style.setProperty("--hue", hue(name));
}

// ---- conversations

function column(view) {
  let here = byId.get(view.id);
  if (!here) {
    const node = $("#column").content.firstElementChild.cloneNode(true);
    here = { node, view, entries: new Map() };
    byId.set(view.id, here);
    columns.append(node);
    listen(here);
  }
  here.view = view;
  describe(here);
  return here;
}

function describe({ node, view }) {
  node.dataset.conversationId = view.id;
  node.dataset.scope = view.scope;
  node.dataset.installed = view.installed;
  node.dataset.blocked = view.blocked;
  node.setAttribute("aria-label", `${view.title}, ${view.subtitle}`);
  $(".title", node).textContent = view.title;
  $(".title", node).title = view.id;
  $(".subtitle", node).textContent = view.subtitle;
  avatar($(".avatar", node), view.title);
  const badges = [element("li", view.installed ? "" : "off", view.installed ? "installed" : "not installed")];
  if (view.blocked) badges.push(element("li", "bad", "blocked"));
  if (view.life && view.life !== "active") badges.push(element("li", "bad", view.life));
  $(".badges", node).replaceChildren(...badges);
  $(".messages", node).setAttribute("aria-label", `Messages in ${view.title}`);
  const text = $(".composer .text", node);
  text.placeholder = view.installed ? `Write as ${view.person?.name ?? "a user"}` : "Install the bot to write to it";
  text.setAttribute("aria-label", `Message in ${view.title}`);
  text.disabled = $(".send", node).disabled = !view.installed;
  $(".install", node).disabled = view.installed;
  $(".uninstall", node).disabled = !view.installed;
  $(".block", node).hidden = view.blocked;
  $(".unblock", node).hidden = !view.blocked;
  $(".mention", node).hidden = view.scope === "personal";
}

function listen(here) {
  const { node } = here;
  const attempt = async (event, body) => {
    try {
      await post(here.view.id, event, body);
    } catch (error) {
      const note = element("p", "notice problem", `Not done: ${error.message}`);
      append(here, note);
    }
  };
  for (const button of node.querySelectorAll(".action")) {
    button.addEventListener("click", () => attempt(button.dataset.event));
  }
  $(".composer", node).addEventListener("submit", (submit) => {
    submit.preventDefault();
    const input = $(".composer .text", node);
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    const mention = here.view.scope === "personal" ? "auto" : $(".mention input", node).checked ? "with" : "without";
    attempt("message", { text, mention });
  });
}

// ---- messages

function append(here, node) {
  const list = $(".messages", here.node);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(node);
  if (atEnd) requestAnimationFrame(() => (list.scrollTop = list.scrollHeight));
}

function show(here, entry) {
  const old = here.entries.get(entry.id);
  const node = entry.author.kind === "notice" ? notice(entry) : message(here, entry);
  if (old) {
    const replies = $(".replies", old.node);
    if (replies && $(".replies", node)) $(".replies", node).replaceWith(replies);
    old.node.replaceWith(node);
  } else {
    const root = entry.thread && here.entries.get(entry.thread);
    const replies = root && $(".replies", root.node);
    if (replies) replies.append(node);
    else append(here, node);
  }
  here.entries.set(entry.id, { entry, node });
}

function notice(entry) {
  const node = element("p", `notice ${entry.author.tone}`, entry.activity.text);
  node.dataset.messageId = entry.id;
  return node;
}

const MARKS = { edited: "edited", deleted: "" };

function message(here, entry) {
  const node = $("#message").content.firstElementChild.cloneNode(true);
  const { activity, author } = entry;
  const name = author.kind === "bot" ? columns.dataset.botName : author.name;
  node.dataset.messageId = entry.id;
  node.dataset.author = author.kind;
  node.dataset.state = entry.state;
  avatar($(".avatar", node), name);
  $(".author", node).textContent = name;
  const at = new Date(entry.at);
  Object.assign($("time", node), { textContent: clock.format(at), dateTime: at.toISOString(), title: at.toString() });
  $(".mark", node).textContent = MARKS[entry.state] ?? "";
  const content = $(".content", node);
  if (entry.state === "deleted") {
    content.textContent = "This message has been deleted.";
    return node;
  }
  if (activity.importance === "high" || activity.importance === "urgent") {
    $(".mark", node).before(element("span", "important", "IMPORTANT! "));
  }
  if (activity.text) content.append(text(activity));
  const run = (action) => act(here, entry.id, node, action);
  for (const attachment of activity.attachments ?? []) {
    // Teams adds the HTML form of what people write; it is the same text again.
    if (attachment.contentType !== "text/html") content.append(drawAttachment(attachment, run));
  }
  return node;
}

function text({ text, textFormat }) {
  const box = element("div", "text");
  if (textFormat === "plain") box.append(...plainMentions(text));
  else box.append(...markdown(textFormat === "xml" ? strip(text) : text).childNodes);
  return box;
}

const plainMentions = (text) =>
  text.split(/(<at[^>]*>.*?<\/at>)/).map((part) => {
    const at = /^<at[^>]*>(.*?)<\/at>$/.exec(part);
    return at ? element("span", "at", at[1]) : part;
  });

const strip = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;

// A button of a card was pressed: what the bot answers is shown below the card, to this page only.
async function act(here, messageId, node, { type, data, ...rest }) {
  const answer = $(".answer", node);
  const say = (text, bad) => {
    answer.textContent = text;
    answer.classList.toggle("bad", Boolean(bad));
    answer.hidden = false;
  };
  try {
    if (type === "Action.Submit") {
      const { deliveries } = await post(here.view.id, "submit", { messageId, data: data ?? {} });
      const failed = deliveries.find(({ status }) => !(status >= 200 && status < 300));
      say(failed ? `The bot did not take it: ${failed.error ?? failed.status}` : "Submitted", failed);
      return;
    }
    const action = JSON.parse(JSON.stringify({ ...rest, data }));
    const { answer: got, note } = await post(here.view.id, "execute", { messageId, action });
    if (!got) return say(note ?? "The bot heard nothing.", true);
    invoked(here, messageId, node, got, say);
  } catch (error) {
    say(error.message, true);
  }
}

function invoked(here, messageId, node, { status, body }, say) {
  const failed = !(status >= 200 && status < 300);
  if (failed) return say(status ? `The bot answered ${status}` : "The bot did not answer", true);
  const { type, value, statusCode } = body ?? {};
  if (type === "application/vnd.microsoft.card.adaptive") {
    const run = (action) => act(here, messageId, node, action);
    $(".content", node).replaceChildren(drawCard(value, run));
    say("The bot answered with this card, for you only.");
  } else if (type === "application/vnd.microsoft.activity.message") {
    say(String(value));
  } else if (type === "application/vnd.microsoft.error") {
    say(`${value?.code ?? statusCode}: ${value?.message ?? "error"}`, true);
  } else {
    say(body ? `The bot answered ${JSON.stringify(body)}` : "The bot took it.");
  }
}

// ---- live

function snapshot({ botName, botEndpoint, hidden, conversations, switches }) {
  columns.dataset.botName = botName;
  $(".bot-name").textContent = botName;
  $(".bot-endpoint").textContent = botEndpoint;
  const note = $(".hidden-note");
  note.hidden = hidden === 0;
  note.textContent = `${hidden} more conversations are not shown.`;
  // Columns stay where they are still wanted, so that nobody loses what they are typing.
  const wanted = new Set(conversations.map(({ id }) => id));
  for (const [id, { node }] of byId) if (!wanted.has(id)) byId.delete(id), node.remove();
  for (const { entries, ...view } of conversations) {
    const here = column(view);
    here.entries.clear();
    $(".messages", here.node).replaceChildren();
    for (const entry of entries) show(here, entry);
    const list = $(".messages", here.node);
    list.scrollTop = list.scrollHeight;
  }
  showSwitches(switches);
  document.body.dataset.ready = "true";
}

function redraw() {
  for (const here of byId.values()) {
    for (const { entry } of [...here.entries.values()]) if (entry.author.kind !== "notice") show(here, entry);
  }
}

function connect() {
  const state = $(".link-state");
  const set = (name, text) => ((state.dataset.state = name), (state.textContent = text));
  const source = new EventSource("/sandbox/live");
  source.onopen = () => set("live", "live");
  source.onerror = () => set("lost", "connection lost, trying again…");
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.kind === "snapshot") snapshot(event);
    else if (event.kind === "conversation") column(event.conversation);
    else if (event.kind === "switches") showSwitchedOn(event.on);
    else if (event.kind === "refresh") (source.close(), connect());
    else if (event.kind === "entry") {
      const here = byId.get(event.conversation);
      if (here) show(here, event.entry);
    }
  };
}

document.addEventListener("redraw", redraw);
connect();
watchRenderer((hint) => {
  $(".renderer-note").hidden = hint === null;
  $(".renderer-hint").textContent = hint ?? "";
  if (hint === null) redraw();
});
