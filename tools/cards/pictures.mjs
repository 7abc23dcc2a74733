// Draws the shipped cards, filled with their sample data, with the official renderer in Chromium: docs/cards/*.png.
//
//   node tools/cards/pictures.mjs            all of them
//   node tools/cards/pictures.mjs alert      only these
//
// Needs a built handler (HANDLER, default target/debug/handler), `npm ci` in tools/page and tools/test, and a Chromium
// (CHROMIUM, default /usr/bin/chromium). Nothing is fetched.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const file = (...parts) => path.join(root, ...parts);
const { chromium } = createRequire(file("tools/test/package.json"))("playwright-core");
const handler = process.env.HANDLER ?? file("target/debug/handler");
const pictures = file("docs/cards");

const wanted = process.argv.slice(2);
const names = readdirSync(file("cards"))
  .filter((name) => name.endsWith(".json") && !name.endsWith(".data.json"))
  .map((name) => name.slice(0, -".json".length))
  .filter((name) => !wanted.length || wanted.includes(name));

// The page's own measures and colours, so that the pictures look as the sandbox draws.
const script = readFileSync(file("crates/sandbox/src/page/cards.js"), "utf8");
const from = script.indexOf("function hostConfig()");
const hostConfig = script.slice(from, script.indexOf("\n}\n", from) + 2);

const page = `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 16px; background: #f5f5f5; display: inline-block; }
  #card { width: 440px; background: #fff; border-radius: 6px; box-shadow: 0 1px 3px #0003; overflow: hidden; }
  #card.full { width: 640px; }
  .ac-pushButton { font: 600 13px "Segoe UI", system-ui, "Noto Sans", sans-serif; padding: 6px 14px; border: 1px solid #d1d1d1;
    border-radius: 4px; background: #fff; color: #242424; }
  .ac-pushButton.style-positive { background: #5b5fc7; border-color: #5b5fc7; color: #fff; }
  a { color: #5b5fc7; text-decoration: none; }
</style><div id="card"></div>`;

mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
});
try {
  const context = await browser.newContext({
    deviceScaleFactor: 2, viewport: { width: 800, height: 1000 }, locale: "en-US", timezoneId: "UTC",
  });
  for (const name of names) {
    const sample = ["--template", file("cards", `${name}.json`), "--data", file("cards", `${name}.data.json`)];
    const card = JSON.parse(execFileSync(handler, ["card", "expand", ...sample], { encoding: "utf8" }));
    const tab = await context.newPage();
    await tab.setContent(page);
    await tab.addScriptTag({ path: file("tools/page/node_modules/adaptivecards/dist/adaptivecards.min.js") });
    await tab.addScriptTag({ content: `const dark = { matches: false };\n${hostConfig}\nwindow.hostConfig = hostConfig;` });
    const problems = await tab.evaluate(draw, card);
    if (problems.length) throw new Error(`${name}: the renderer says: ${problems.join("; ")}`);
    await tab.locator("body").screenshot({ path: path.join(pictures, `${name}.png`) });
    await tab.close();
    console.log(`docs/cards/${name}.png`);
  }
} finally {
  await browser.close();
}

/** Runs in the page: draws a card; answers what the renderer complains about. */
function draw(json) {
  const { AdaptiveCard, HostConfig, SerializationContext } = window.AdaptiveCards;
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const html = escaped
      .replace(/&lt;at>(.*?)&lt;\/at>/g, '<a>$1</a>')
      .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>');
    result.outputHtml = `<p style="margin:0">${html}</p>`;
    result.didProcess = true;
  };
  const context = new SerializationContext();
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig(window.hostConfig());
  card.parse(json, context);
  const place = document.getElementById("card");
  if (json.msteams?.width === "Full") place.className = "full";
  place.append(card.render());
  const problems = [];
  for (let at = 0; at < context.eventCount; at += 1) problems.push(context.getEventAt(at).message);
  problems.push(...card.validateProperties().validationEvents.map((event) => event.message));
  return problems;
}
