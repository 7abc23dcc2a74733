// The timer's card is visible, drawn by the official renderer, and the next one comes without a reload.
// Arguments: base address, function key.
import { check, column, notify, session } from "./session.mjs";

const [base, key] = process.argv.slice(2);

await session(base, async (page) => {
  for (const scope of ["personal", "groupChat"]) {
    const card = column(page, scope).locator(".ac-adaptiveCard").first();
    await card.getByText("New Event Occurred!").waitFor();
    check((await card.getByText("View All").count()) > 0, `the card in ${scope} has its action`);
    const box = await card.boundingBox();
    check(box && box.width > 100 && box.height > 40, `the card in ${scope} has a size`);
  }
  check((await page.locator(".conversation").count()) >= 4, "a column per conversation");
  await page.evaluate(() => (window.notReloaded = true));
  await notify(base, key, { data: { title: "Live without reload" } });
  await column(page, "personal").locator(".ac-adaptiveCard").getByText("Live without reload").waitFor();
  await column(page, "groupChat").locator(".ac-adaptiveCard").getByText("Live without reload").waitFor();
  check(await page.evaluate(() => window.notReloaded), "the page was not reloaded");
});
