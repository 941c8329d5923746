/**
 * The drills of what goes wrong with hosts and their disks, cables and power, on one cluster without layers that grows on
 * the way: docs/drills.md. The scenarios run in the order of these imports, each on what the one before left.
 */
import { after, before } from "node:test";
import { lab } from "./scenarios/shared";
import "./scenarios/faults/growth";
import "./scenarios/faults/disk";
import "./scenarios/faults/hosts";
import "./scenarios/faults/disk-later";
import "./scenarios/faults/kills";
import "./scenarios/faults/nodes";

before(async () => {
  lab.removeLayers();
  await lab.sandbox(["down"]);
});

after(async () => {
  await lab.sandbox(["down"], true);
  lab.remove();
});
