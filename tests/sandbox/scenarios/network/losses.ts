/** A node loses its power: sites and names go on answering. Each node in turn is a drill (scenarios/drills). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../lab";
import { nextUpdaterNode } from "../../updater";
import { lab } from "../shared";
import { lose } from "./power";
import { FOLLOW_LIMIT_SECONDS, WHOAMI, published, startLoad } from "./shared";

/** Address of the home from the loss on. */
const NEW_ADDRESS = "203.0.113.30";

test("the updater's node loses power in its run: all goes on, and a new public address is followed", async () => {
  await startLoad("accepted");
  assert.notDeepEqual(await published(WHOAMI, "A"), [NEW_ADDRESS]);
  const victim = await nextUpdaterNode(lab);
  await lose(victim, async () => {
    await lab.expect(["public-address", NEW_ADDRESS]);
    const follows = async (): Promise<boolean> => (await published(WHOAMI, "A"))[0] === NEW_ADDRESS;
    const seconds = await until("the record of the new address", FOLLOW_LIMIT_SECONDS + 60, follows);
    console.error(`public record followed after ${seconds.toFixed(0)} s, the updater's node without power (polled)`);
  });
});
