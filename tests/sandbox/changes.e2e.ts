/**
 * What is done to a cluster without layers in its life, and done wrong: agents, settings, releases, keys, a wiped server,
 * one that leaves for good, a lost state. It starts with the newer of the sandbox's releases, so that there is an older one
 * to be refused. The scenarios run in the order of these imports, each on what the one before left.
 */
import { versions } from "../../sandbox/toolchain/recipes";
import { setVersion } from "./scenarios/releases";
import { lab, suite } from "./scenarios/shared";
import "./scenarios/bring-up";
import "./scenarios/cluster";
import "./scenarios/agents";
import "./scenarios/agent-faults";
import "./scenarios/changes";
import "./scenarios/refused-releases";
import "./scenarios/rotation";
import "./scenarios/losses";
import "./scenarios/removed-server";
import "./scenarios/lost-state";
import "./scenarios/traces";

suite({
  prepare: () => {
    lab.removeLayers();
    setVersion(versions.k3sNext);
  },
});
