// Draws the page's cards with the official renderer: a column a language; light and dark, desktop and phone.
// Joined with plain.js and look.js of the sandbox's page, whose functions it calls.

const { AdaptiveCard, HostConfig, SerializationContext } = window.AdaptiveCards;

AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown(text).innerHTML;
  result.didProcess = true;
};

function draw({ card, locale }, theme) {
  const box = element("div", "card");
  if (card?.msteams?.width === "Full") box.classList.add("full");
  const problems = [];
  try {
    const context = new SerializationContext();
    const drawn = new AdaptiveCard();
    drawn.hostConfig = new HostConfig(hostConfig(theme === "dark"));
    drawn.onExecuteAction = () => {};
    drawn.parse(card, context);
    // Dates are written in the language of the card.
    drawn.lang ??= locale.split("-")[0].toLowerCase();
    box.append(drawn.render());
    for (let at = 0; at < context.eventCount; at += 1) problems.push(context.getEventAt(at).message);
    problems.push(...drawn.validateProperties().validationEvents.map((event) => event.message));
  } catch (error) {
    problems.push(`The renderer refused this card: ${error.message}`);
  }
  for (const anchor of box.querySelectorAll("a[href]")) Object.assign(anchor, { target: "_blank", rel: "noopener noreferrer" });
  return [box, ...[...new Set(problems)].map((problem) => element("p", "problem", problem))];
}

const main = document.querySelector("main");
for (const column of JSON.parse(document.getElementById("cards").textContent)) {
  const section = element("section", "", element("h2", "", `${column.name} · ${column.locale}`));
  Object.assign(section.dataset, { locale: column.locale });
  for (const theme of ["light", "dark"]) {
    for (const width of ["desktop", "phone"]) {
      const frame = element("div", `frame ${theme} ${width}`, element("h3", "", `${theme}, ${width}`), ...draw(column, theme));
      Object.assign(frame.dataset, { theme, width });
      section.append(frame);
    }
  }
  main.append(section);
}
document.body.dataset.ready = "true";
