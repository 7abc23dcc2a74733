// Draws cards with the official renderer when it is there, else readably (plain.js).
// The renderer is a script with the global AdaptiveCards; it may turn up while the page is open.

import { hostConfig } from "./look.js";
import { element, markdown, otherCard, plainCard, source } from "./plain.js";

const ADAPTIVE = "application/vnd.microsoft.card.adaptive";
const POLL_MS = 2000;

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export const hasRenderer = () => Boolean(window.AdaptiveCards);

// Asks until the renderer is there; calls `changed(hint)` with null once it is.
export async function watchRenderer(changed) {
  let last;
  for (;;) {
    try {
      const { available, hint } = await (await fetch("/sandbox/renderer")).json();
      if (available && (await load())) return changed(null);
      if (hint !== last) changed((last = hint));
    } catch {
      // The sandbox is restarting; ask again.
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

function load() {
  return new Promise((done) => {
    const script = Object.assign(document.createElement("script"), { src: `/sandbox/adaptivecards.js?${Date.now()}` });
    script.onload = () => done(hasRenderer() && setUp());
    script.onerror = () => done(false);
    document.head.append(script);
  });
}

function setUp() {
  window.AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown(text).innerHTML;
    result.didProcess = true;
  };
  dark.addEventListener("change", () => document.dispatchEvent(new Event("redraw")));
  return true;
}

function officialCard(card, run) {
  const { AdaptiveCards } = window;
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(hostConfig(dark.matches));
  drawn.onExecuteAction = (action) => {
    if (action instanceof AdaptiveCards.OpenUrlAction) return window.open(action.url, "_blank", "noopener");
    const type = action.getJsonTypeName();
    if (type === "Action.Submit" || type === "Action.Execute") {
      run({ type, id: action.id, title: action.title, verb: action.verb, data: action.data });
    }
  };
  drawn.parse(card);
  const node = drawn.render();
  if (!node) throw new Error("the renderer drew nothing");
  // Dates that Teams fills in, buttons that are real buttons, links that leave the page open.
  for (const anchor of node.querySelectorAll("a[href]")) Object.assign(anchor, { target: "_blank", rel: "noopener noreferrer" });
  return node;
}

export function drawCard(card, run) {
  const frame = element("div", "card");
  frame.dataset.card = hasRenderer() ? "official" : "plain";
  try {
    frame.append(hasRenderer() ? officialCard(card, run) : plainCard(card, run));
  } catch (error) {
    frame.dataset.card = "plain";
    frame.append(plainCard(card, run), element("p", "notice problem", `The renderer refused this card: ${error.message}`));
  }
  if (frame.dataset.card === "plain") frame.firstChild.append(source(card));
  return frame;
}

export function drawAttachment({ contentType, content, contentUrl, name }, run) {
  if (contentType === ADAPTIVE && content) return drawCard(content, run);
  if (/^image\//.test(contentType ?? "") && /^(https?|data):/.test(contentUrl ?? "")) {
    return Object.assign(element("img", "card"), { src: contentUrl, alt: name ?? "" });
  }
  const frame = element("div", "card");
  frame.append(otherCard(content, contentType ?? "attachment"));
  frame.firstChild.append(source(content ?? { contentUrl, name }));
  return frame;
}
