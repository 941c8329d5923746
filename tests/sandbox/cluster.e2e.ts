/**
 * End to end on simulated Pis: one cluster from nothing to torn down, each test on what the one before left.
 * Nothing is mocked: the real engine, SSH, systemd, k3s and etcd. The scenarios run in the order of these imports.
 * Layers above the cluster are left out; network.e2e.ts has them.
 */
import { lab, suite } from "./scenarios/shared";
import "./scenarios/bring-up";
import "./scenarios/cluster";
import "./scenarios/faults";
import "./scenarios/agents";
import "./scenarios/agent-faults";
import "./scenarios/changes";
import "./scenarios/upgrade";
import "./scenarios/refused-releases";
import "./scenarios/rotation";
import "./scenarios/losses";
import "./scenarios/traces";

suite({ prepare: () => lab.removeLayers() });
