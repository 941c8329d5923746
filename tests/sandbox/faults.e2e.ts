/**
 * The drills of what goes wrong with hosts and their disks, cables and power, on one cluster without layers that grows on
 * the way: docs/drills.md. The scenarios run in the order of these imports, each on what the one before left.
 */
import { lab, suite } from "./scenarios/shared";
import "./scenarios/faults/growth";
import "./scenarios/faults/disk";
import "./scenarios/faults/hosts";
import "./scenarios/faults/disk-later";
import "./scenarios/faults/servers";
import "./scenarios/faults/kills";
import "./scenarios/faults/nodes";
import "./scenarios/certificates";

suite({ prepare: () => lab.removeLayers() });
