// What the page's buttons do reaches the bot. Arguments: base address, function key.
import { check, column, ended, notify, session } from "./session.mjs";

const [base, key] = process.argv.slice(2);

await session(base, async (page) => {
  const person = column(page, "personal");
  const group = column(page, "groupChat");
  const press = (where, name) => where.getByRole("button", { name, exact: true }).click();
  // A button's event may still be on its way to the bot when the page shows it: sent again until it counts.
  const send = async (title, counts = () => true) => {
    let status;
    for (let attempt = 0; attempt < 10; attempt++) {
      const { id } = await notify(base, key, { data: { title } });
      status = await ended(base, key, id);
      if (counts(status)) return status;
    }
    throw new Error(`${title}: ${JSON.stringify(status)}`);
  };
  await person.getByText("New Event Occurred!").first().waitFor();

  await press(group, "Uninstall");
  await group.getByText("not installed", { exact: true }).waitFor();
  await send("While away", ({ total, counts }) => total === 2 && counts.delivered === 2);
  await person.getByText("While away").first().waitFor();
  check((await group.getByText("While away").count()) === 0, "nothing arrives after Uninstall");

  await press(group, "Install");
  await group.getByText("installed", { exact: true }).waitFor();
  await send("Back again", ({ counts }) => counts.delivered === 3);
  await group.getByText("Back again").first().waitFor();

  await person.getByRole("textbox").fill("help");
  await press(person, "Send");
  await person.locator(".message[data-author=person]").getByText("help").first().waitFor();
  await person.locator(".message[data-author=bot]").getByText(/notifications/i).first().waitFor();

  await press(person, "Block");
  await person.getByText("blocked", { exact: true }).waitFor();
  await send("Unwanted", ({ counts }) => counts.blocked === 1 && counts.delivered === 2);
  await group.getByText("Unwanted").first().waitFor();
  check((await person.getByText("Unwanted").count()) === 0, "nothing arrives while blocked");

  await press(person, "Unblock");
  await person.getByRole("textbox").fill("hello again");
  await press(person, "Send");
  await person.locator(".message[data-author=person]").getByText("hello again").waitFor();
  await send("Wanted", ({ counts }) => counts.delivered === 3);
  await person.getByText("Wanted", { exact: true }).first().waitFor();
});
