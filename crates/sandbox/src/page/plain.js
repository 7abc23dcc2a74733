// Text and cards without the official renderer: a small safe Markdown, and a readable form of any card.
// Everything is built as DOM nodes; nothing that a bot sent is ever parsed as HTML.

const element = (tag, className, ...children) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

const safeUrl = (url) => (/^(https?:|mailto:|tel:)/i.test(url) ? url : null);

// **bold**, _italic_, ~~struck~~, `code`, [text](url) and <at>mentions</at>.
const INLINE = /\*\*(.+?)\*\*|__(.+?)__|\*(\S(?:.*?\S)?)\*|(?<!\w)_(\S(?:.*?\S)?)_(?!\w)|~~(.+?)~~|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|<at[^>]*>(.*?)<\/at>/;

function inline(text) {
  const out = [];
  let rest = text;
  for (let match; (match = INLINE.exec(rest)); ) {
    if (match.index) out.push(rest.slice(0, match.index));
    const [whole, bold, bold2, italic, italic2, struck, code, label, url, at] = match;
    if (bold ?? bold2) out.push(element("strong", "", ...inline(bold ?? bold2)));
    else if (italic ?? italic2) out.push(element("em", "", ...inline(italic ?? italic2)));
    else if (struck) out.push(element("s", "", ...inline(struck)));
    else if (code) out.push(element("code", "", code));
    else if (label) out.push(link(label, url));
    else out.push(element("span", "at", at));
    rest = rest.slice(match.index + whole.length);
  }
  if (rest) out.push(rest);
  return out;
}

function link(label, url) {
  const safe = safeUrl(url);
  if (!safe) return label;
  const node = element("a", "", ...inline(label));
  Object.assign(node, { href: safe, target: "_blank", rel: "noopener noreferrer" });
  return node;
}

// Paragraphs and lists.
export function markdown(text) {
  const root = element("div", "markdown");
  let list = null;
  for (const line of String(text).split(/\r?\n/)) {
    const bullet = /^\s*[-*+]\s+(.*)$/.exec(line);
    const number = /^\s*\d+[.)]\s+(.*)$/.exec(line);
    if (bullet || number) {
      const tag = bullet ? "ul" : "ol";
      if (list?.localName !== tag) root.append((list = element(tag)));
      list.append(element("li", "", ...inline((bullet ?? number)[1])));
    } else {
      list = null;
      root.append(line.trim() ? element("p", "", ...inline(line)) : element("br"));
    }
  }
  return root;
}

const words = (value) => (typeof value === "string" ? value : "");

// A readable form of an adaptive card, with working buttons.
export function plainCard(card, run) {
  const root = element("div", "plain-card");
  const inputs = [];
  const walk = (item, into) => {
    if (!item || typeof item !== "object" || item.isVisible === false) return;
    switch (item.type) {
      case "TextBlock": {
        const big = /large/i.test(item.size ?? "") || item.style === "heading";
        const look = [big && "big", /bolder/i.test(item.weight ?? "") && "bold", item.isSubtle && "subtle"];
        const block = element("div", look.filter(Boolean).join(" "));
        block.append(...markdown(words(item.text)).childNodes);
        into.append(block);
        break;
      }
      case "RichTextBlock":
        into.append(element("p", "", ...(item.inlines ?? []).map((run) => words(run.text ?? run))));
        break;
      case "FactSet": {
        const facts = element("dl");
        for (const fact of item.facts ?? []) {
          facts.append(element("dt", "", words(fact.title)), element("dd", "", ...inline(words(fact.value))));
        }
        into.append(facts);
        break;
      }
      case "Image":
        into.append(element("figcaption", "", `[picture: ${item.altText || item.url}]`));
        break;
      case "ColumnSet":
      case "TableRow": {
        const row = element("div", "row");
        for (const column of item.columns ?? item.cells ?? []) walk({ type: "Container", ...column }, row);
        into.append(row);
        break;
      }
      case "ActionSet":
        buttons(item.actions, into);
        break;
      default:
        if (words(item.type).startsWith("Input.") && item.id) return input(item, into);
        const box = element("div");
        for (const child of [...(item.items ?? []), ...(item.rows ?? []), ...(item.images ?? [])]) {
          walk(item.rows?.includes(child) ? { type: "TableRow", ...child } : child, box);
        }
        if (box.childNodes.length) into.append(box);
    }
  };
  const input = (item, into) => {
    const choice = item.type === "Input.ChoiceSet";
    const field = element(choice ? "select" : "input");
    if (choice) {
      for (const { title, value } of item.choices ?? []) field.append(new Option(title, value, false, value === item.value));
    } else {
      const types = { "Input.Number": "number", "Input.Date": "date", "Input.Time": "time", "Input.Toggle": "checkbox" };
      field.type = types[item.type] ?? "text";
      field.value = words(item.value);
      field.placeholder = words(item.placeholder);
    }
    inputs.push([item, field]);
    into.append(element("label", "", words(item.label ?? item.title), field));
  };
  const values = () =>
    Object.fromEntries(
      inputs.map(([item, field]) => {
        if (item.type !== "Input.Toggle") return [item.id, field.value];
        return [item.id, field.checked ? (item.valueOn ?? "true") : (item.valueOff ?? "false")];
      }),
    );
  const buttons = (actions, into) => {
    const row = element("div", "buttons");
    for (const action of actions ?? []) {
      const button = element("button", "card-action", words(action.title) || action.type);
      button.type = "button";
      if (action.type === "Action.OpenUrl") {
        button.onclick = () => safeUrl(words(action.url)) && window.open(action.url, "_blank", "noopener");
      } else if (action.type === "Action.ShowCard") {
        button.onclick = () => button.replaceWith(plainCard(action.card ?? {}, run));
      } else if (/^Action\.(Submit|Execute)$/.test(action.type ?? "")) {
        const plain = action.data === undefined || (action.data && typeof action.data === "object");
        button.onclick = () => run({ ...action, data: plain ? { ...action.data, ...values() } : action.data });
      } else {
        button.disabled = true;
      }
      row.append(button);
    }
    if (row.childNodes.length) into.append(row);
  };
  for (const item of card.body ?? []) walk(item, root);
  buttons(card.actions, root);
  return root;
}

// Hero, thumbnail and other cards: their texts, pictures and links.
export function otherCard(content, contentType) {
  const root = element("div", "plain-card hero");
  const card = content && typeof content === "object" ? content : {};
  for (const image of card.images ?? []) {
    if (safeUrl(words(image.url))) root.append(Object.assign(element("img"), { src: image.url, alt: words(image.alt) }));
  }
  if (card.title) root.append(element("p", "big", words(card.title)));
  if (card.subtitle) root.append(element("p", "subtle", words(card.subtitle)));
  if (card.text) root.append(...markdown(words(card.text)).childNodes);
  const links = (card.buttons ?? []).map((button) => link(words(button.title), words(button.value)));
  if (links.length) root.append(element("p", "buttons", ...links));
  root.append(element("figcaption", "", contentType));
  return root;
}

// The JSON behind whatever is shown.
export function source(content) {
  const text = JSON.stringify(content, null, 2);
  return element("details", "", element("summary", "", "JSON"), element("pre", "", text));
}

export { element };
