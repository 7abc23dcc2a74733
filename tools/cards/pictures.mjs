// Draws the shipped cards with their sample data, as `handler card preview` shows them: docs/cards/NAME.png has a column a
// language; light and dark, on a desktop and on a phone.
//
//   node tools/cards/pictures.mjs            all of them
//   node tools/cards/pictures.mjs alert      only these
//
// Needs a built handler (HANDLER, default target/debug/handler), `npm ci` in tools/page and tools/test, and a Chromium
// (CHROMIUM, default /usr/bin/chromium). Nothing is fetched.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const file = (...parts) => path.join(root, ...parts);
const { chromium } = createRequire(file("tools/test/package.json"))("playwright-core");
const handler = path.resolve(process.env.HANDLER ?? file("target/debug/handler"));
const pictures = file("docs/cards");

const wanted = process.argv.slice(2);
const names = readdirSync(file("cards"))
  .filter((name) => /^[^.]+\.json$/.test(name))
  .map((name) => name.slice(0, -".json".length))
  .filter((name) => !wanted.length || wanted.includes(name));

// The renderer where the command looks for it.
const room = mkdtempSync(path.join(tmpdir(), "pictures-"));
mkdirSync(path.join(room, ".notify/page/node_modules"), { recursive: true });
symlinkSync(file("tools/page/node_modules/adaptivecards"), path.join(room, ".notify/page/node_modules/adaptivecards"));

mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
});
try {
  const context = await browser.newContext({ viewport: { width: 1500, height: 1000 }, locale: "en-US", timezoneId: "UTC" });
  for (const name of names) {
    const page = path.join(room, `${name}.html`);
    execFileSync(handler, ["card", "preview", file("cards", `${name}.json`), "--out", page], { cwd: room });
    const tab = await context.newPage();
    await tab.goto(pathToFileURL(page).href);
    await tab.locator("body[data-ready=true]").waitFor();
    const problems = await tab.locator(".problem").allInnerTexts();
    if (problems.length) throw new Error(`${name}: the renderer says: ${problems.join("; ")}`);
    await tab.locator("main").screenshot({ path: path.join(pictures, `${name}.png`) });
    await tab.close();
    console.log(`docs/cards/${name}.png`);
  }
} finally {
  await browser.close();
  rmSync(room, { recursive: true, force: true });
}
