/**
 * End to end on simulated Pis: one cluster from nothing to torn down, each test on what the one before left. Nothing is
 * mocked: the real engine, SSH, systemd, k3s and etcd. Here is the main road, without the layers above the cluster;
 * changes.e2e.ts leaves it, network.e2e.ts has the layers. The scenarios run in the order of these imports.
 */
import { lab, suite } from "./scenarios/shared";
import "./scenarios/bring-up";
import "./scenarios/cluster";
import "./scenarios/faults";
import "./scenarios/agents";
import "./scenarios/upgrade";
import "./scenarios/traces";

suite({ prepare: () => lab.removeLayers() });
