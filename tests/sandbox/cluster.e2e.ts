/**
 * End to end on simulated Pis: one cluster from nothing to torn down, each test on what the one before left.
 * Nothing is mocked: the real engine, SSH, systemd, k3s and etcd. The scenarios run in the order of these imports.
 * Layers above the cluster are left out; network.e2e.ts has them.
 */
import { after, before } from "node:test";
import { lab, watch } from "./scenarios/shared";
import "./scenarios/bring-up";
import "./scenarios/faults";
import "./scenarios/agents";
import "./scenarios/changes";
import "./scenarios/upgrade";
import "./scenarios/losses";
import "./scenarios/traces";

before(async () => {
  lab.removeLayers();
  await lab.sandbox(["down"]);
  watch.start();
});

after(async () => {
  watch.stop();
  await lab.sandbox(["down"], true);
  lab.remove();
});
