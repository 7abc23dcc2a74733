// Draws cards with the official renderer when it is there, else readably (plain.js).
// The renderer is a script with the global AdaptiveCards; it may turn up while the page is open.

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

// Teams' measures and colours, as far as a host configuration can say them.
function hostConfig() {
  const night = dark.matches;
  const pair = (normal, subtle = normal) => ({ default: normal, subtle });
  const text = night ? "#f2f2f2" : "#242424";
  const quiet = night ? "#adadad" : "#616161";
  const colours = {
    default: pair(text, quiet), dark: pair(night ? "#0f0f0f" : "#242424", quiet), light: pair("#fff", "#d6d6d6"),
    accent: pair(night ? "#aab1fa" : "#5b5fc7"), good: pair(night ? "#92c353" : "#237b4b"),
    warning: pair(night ? "#f8d22a" : "#835c00"), attention: pair(night ? "#f9526b" : "#c4314b"),
  };
  const back = (light, shade) => ({ backgroundColor: night ? shade : light, foregroundColors: colours });
  return {
    fontFamily: '"Segoe UI", system-ui, "Noto Sans", sans-serif',
    fontSizes: { small: 12, default: 14, medium: 15, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 300, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 21, large: 25, extraLarge: 32 },
    imageSizes: { small: 32, medium: 52, large: 100 },
    supportsInteractivity: true,
    spacing: { small: 4, default: 8, medium: 12, large: 20, extraLarge: 30, padding: 14 },
    separator: { lineThickness: 1, lineColor: night ? "#3d3d3d" : "#e1e1e1" },
    containerStyles: {
      default: back("#ffffff", "#292929"), emphasis: back("#f3f2f1", "#333333"), accent: back("#e9eaf6", "#2f2f4a"),
      good: back("#e7f2da", "#1d3a1d"), warning: back("#fbf6d9", "#40380f"), attention: back("#fcf4f6", "#44181f"),
    },
    actions: {
      maxActions: 6, spacing: "default", buttonSpacing: 8, actionsOrientation: "horizontal", actionAlignment: "left",
      showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
    },
    factSet: { title: { weight: "bolder", wrap: true, maxWidth: 150 }, value: { wrap: true }, spacing: 12 },
    adaptiveCard: { allowCustomStyle: true },
    textBlock: { headingLevel: 2 },
  };
}

function officialCard(card, run) {
  const { AdaptiveCards } = window;
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(hostConfig());
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
