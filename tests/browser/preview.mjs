// The page of `card preview`: a column a language, four frames each, drawn by the official renderer, and no request.
// Arguments: the page's file, then LOCALE=TEXT for each column in order.
import { pathToFileURL } from "node:url";
import { check, session } from "./session.mjs";

const [file, ...wanted] = process.argv.slice(2);
const requests = [];
const said = [];

await session("about:blank", async (page) => {
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  await page.locator("body[data-ready=true]").waitFor();
  const columns = page.locator("section");
  check((await columns.count()) === wanted.length, `${await columns.count()} columns`);
  for (const [at, column] of wanted.entries()) {
    const [locale, text] = column.split("=");
    const section = columns.nth(at);
    check((await section.getAttribute("data-locale")) === locale, `column ${at} is ${locale}`);
    for (const theme of ["light", "dark"]) {
      for (const [width, pixels] of [["desktop", 440], ["phone", 320]]) {
        const frame = section.locator(`.frame[data-theme=${theme}][data-width=${width}]`);
        const card = frame.locator(".ac-adaptiveCard");
        await card.getByText(text).waitFor();
        await card.locator("strong", { hasText: "Ann" }).waitFor();
        await card.getByText("Acknowledge").waitFor();
        const shown = await card.innerText();
        check(shown.includes("onerror=alert(1)"), "markup in the data is text");
        check(!shown.includes("{{") && shown.includes("2026"), `the date is drawn: ${shown}`);
        const box = await frame.locator(".card").boundingBox();
        check(Math.round(box.width) === pixels, `${width}: ${box.width} wide`);
        const colour = await frame.evaluate((node) => getComputedStyle(node).backgroundColor);
        check((colour === "rgb(20, 20, 20)") === (theme === "dark"), `${theme}: ${colour}`);
      }
    }
  }
  check((await page.locator(".problem").count()) === 0, await page.locator(".problem").allInnerTexts());
  check((await page.title()) === "hello", "the markup ran");
  const remote = requests.filter((url) => url !== address && !url.startsWith("data:"));
  check(remote.length === 0 || remote.every((url) => said.some((text) => text.includes(url))), `requests: ${remote}`);
  // The only thing that the policy has to stop is the card's picture from elsewhere.
  const stopped = said.filter((text) => text.includes("Content Security Policy") && !text.includes("pictures.example.com"));
  check(stopped.length === 0, `the policy stops the page's own parts: ${stopped.join("\n")}`);
}, { ready: false });
