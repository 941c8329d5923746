/**
 * End to end on simulated Pis, with every layer of the committed stack file: the main road, from nothing to torn down, each
 * test on what the one before left. What leads away from it, the other suites try. The scenarios run in the order of these
 * imports.
 */
import { suite } from "./scenarios/shared";
import "./scenarios/network/bring-up";
import "./scenarios/network/names";
import "./scenarios/network/sites";
import "./scenarios/cluster";
import "./scenarios/upgrade";
import "./scenarios/faults";
import "./scenarios/agents";
import "./scenarios/traces";

suite();
