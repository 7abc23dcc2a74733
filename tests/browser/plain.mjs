// Without the renderer each card's content is there, and the page says what is missing. Argument: base address.
import { check, column, session } from "./session.mjs";

const [base] = process.argv.slice(2);

await session(base, async (page) => {
  await column(page, "personal").getByText("New Event Occurred!").first().waitFor();
  await column(page, "personal").getByText("View All").first().waitFor();
  check((await page.locator(".ac-adaptiveCard").count()) === 0, "no official card without the renderer");
  await page.getByText(/Node\.js/).first().waitFor();
});
