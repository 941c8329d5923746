/** An agent in one bad state after the other: `up` says which and what to do, and leaves it and the servers as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { shellQuote } from "../../../../components/script/script";
import { collect, killAll, until } from "../../lab";
import { planned } from "../../questions-network";
import { HOMELAB, PULUMI_UP, SERVERS, addAgent, lab, withoutLogin } from "../shared";
import { AGENT, clusterDns, fillDisk, freeDisk, secondsSince } from "./shared";

const asRoot = (script: string, input = ""): Promise<string> =>
  lab.ssh(AGENT, `sudo bash -c ${shellQuote(script)}`, input);

/** `up` must fail with all of these words, ask no server anything, and make no node of the agent. */
async function refused(...words: readonly RegExp[]): Promise<void> {
  await withoutLogin(SERVERS, async () => {
    const started = Date.now();
    const { status, output } = await lab.sandbox(PULUMI_UP);
    const seconds = secondsSince(started);
    assert.notEqual(status, 0, output);
    for (const word of words) assert.match(output, word);
    const said = output.split("\n").filter((line) => /^ *(homelab: |-> )/.test(line));
    console.error([`refused after ${seconds} s:`, ...new Set(said)].join("\n"));
  });
  assert.doesNotMatch(await lab.kubectl("get", "nodes"), new RegExp(AGENT));
}

/** Files of the agent that were written since {@link mark}, and links that were made. */
const mark = (): Promise<string> => asRoot("touch /root/mark");
const written = (): Promise<string> =>
  asRoot(
    "find /boot /etc /home /opt /root /usr /var/lib -xdev -path /var/lib/systemd -prune -o -newer /root/mark ! -type d -print",
  );

/** Whatever a k3s of ours would have left. */
const k3sFiles = (): Promise<string> =>
  asRoot("ls -d /usr/local/bin/k3s* /etc/rancher /var/lib/rancher /etc/systemd/system/k3s* 2>/dev/null || true");

/** Sets or, with undefined, deletes one setting of the agent in the stack file. */
const setAgent = (key: string, value: string | readonly string[] | undefined): void =>
  lab.edit((document) => {
    const place = ["config", "homelab:hosts", SERVERS.length, key];
    if (value === undefined) document.deleteIn(place);
    else document.setIn(place, value);
  });

test("a fourth host, bare, whose lines make it an agent", async () => {
  addAgent(AGENT, 14);
  await lab.expect(["up", "--no-deploy"]);
});

test("a login that needs sudo's password", async () => {
  await mark();
  const file = "/etc/sudoers.d/010_pi-nopasswd";
  const waiting = `mv ${file} /run/; until [ -e /home/pi/put-back ]; do sleep 0.2; done; rm /home/pi/put-back; mv /run/${file.split("/").at(-1)} ${file}`;
  const mayBeRoot = "sudo -n true 2>/dev/null && echo yes || echo no";
  await asRoot(`systemd-run --quiet bash -c ${shellQuote(waiting)}`);
  await until("sudo asking for a password", 20, async () => (await lab.ssh(AGENT, mayBeRoot)) === "no");
  try {
    await refused(/pi4-login/, /pi is no administrator without a password here/, /-> echo 'pi ALL=.*sudo tee/);
  } finally {
    await lab.ssh(AGENT, "touch put-back");
    await until("sudo without a password", 20, async () => (await lab.ssh(AGENT, mayBeRoot)) === "yes");
  }
  assert.equal((await written()).replace(file, ""), "");
});

test("a second network interface, with routes that the kernel prefers, that the config takes for the LAN's", async () => {
  const netdev = "[NetDev]\nName=eth1\nKind=veth\n[Peer]\nName=eth1-far\n";
  // Two halves are more specific than a default route.
  const routes = ["0.0.0.0/1", "128.0.0.0/1"].map((half) => `[Route]\nDestination=${half}\nGateway=198.51.100.1\n`);
  const network = `[Match]\nName=eth1\n[Network]\nAddress=198.51.100.14/24\n${routes.join("")}`;
  const far = "[Match]\nName=eth1-far\n[Network]\nLinkLocalAddressing=no\n";
  for (const [name, text] of Object.entries({
    "20-eth1.netdev": netdev,
    "20-eth1.network": network,
    "20-far.network": far,
  }))
    await asRoot(`cat >/etc/systemd/network/${name}`, text);
  await asRoot("networkctl reload");
  await until("the second interface", 20, async () =>
    /198\.51\.100\.14/.test(await lab.ssh(AGENT, "ip route get 203.0.113.1")),
  );
  await mark();
  setAgent("interface", "eth1");
  await refused(
    /the interface eth1 does not carry 192\.0\.2\.14; this host has .*eth0.*192\.0\.2\.14.*eth1.*198\.51\.100\.14/,
    /-> correct the host's address or interface in the config/,
  );
  setAgent("interface", undefined);
  assert.equal(await written(), "");
  // It stays: the agent has to join beside it.
});

test("a full disk", async () => {
  await fillDisk(AGENT);
  await mark();
  await refused(/\b\d MiB are free on the disk of \S+; a new node needs 1536/, /-> free space/);
  assert.equal(await written(), "");
  await freeDisk(AGENT);
});

test("apt without its sources", async () => {
  const list = "/etc/apt/sources.list";
  // The simulated disk brings all that an agent needs. A package that was only unpacked is one that is missing.
  const unpacked = "/^Package: conntrack$/,/^$/ s/^Status: .*/Status: install ok unpacked/";
  await asRoot(`sed -i '${unpacked}' /var/lib/dpkg/status`);
  await asRoot(`mv ${list} /root/; echo 'deb http://archive.invalid/debian bookworm main' >${list}`);
  await refused(
    /pi4: packages: apt cannot read its package lists: .*archive\.invalid/s,
    /-> check the host's network, DNS/,
  );
  assert.equal(await k3sFiles(), "");
  await asRoot(`mv /root/sources.list ${list}`);
});

test("an interrupted dpkg, which is mended, and a kernel that keeps memory control off, which is not", async () => {
  await asRoot("dpkg --status bash >/var/lib/dpkg/updates/0001");
  const line = "/boot/firmware/cmdline.txt";
  await asRoot(`sed -i 's/$/ cgroup_enable=memory cgroup_memory=1 cgroup_disable=memory/' ${line}`);
  await lab.expect(["reboot", AGENT]);
  await refused(
    /the memory control group is off although the kernel was booted with cgroup_enable=memory cgroup_memory=1/,
    /-> take a later cgroup_disable=memory out of \/boot\/firmware\/cmdline\.txt and reboot/,
  );
  assert.equal(
    await asRoot("ls /var/lib/dpkg/updates; dpkg --audit; dpkg-query --show --showformat '${Status}' conntrack"),
    "install ok installed",
  );
  assert.equal(await k3sFiles(), "");
  await asRoot(`sed -i 's/ cgroup_disable=memory//' ${line}`);
  await lab.expect(["reboot", AGENT]);
});

test("a k3s of another making runs there: left alone, whatever its version", async () => {
  const unit = "[Service]\nExecStart=/usr/local/bin/k3s agent\n[Install]\nWantedBy=multi-user.target\n";
  const foreign = async (version: string): Promise<void> => {
    const says = `echo "k3s version ${version} (0123abc)"`;
    const program = `#!/bin/sh\ncase $1 in --version) ${says} ;; *) exec sleep infinity ;; esac\n`;
    await asRoot("cat >/usr/local/bin/k3s; chmod 755 /usr/local/bin/k3s", program);
  };
  await foreign("v1.24.9+k3s1");
  await asRoot("cat >/etc/systemd/system/k3s-agent.service; systemctl enable --quiet --now k3s-agent", unit);
  const seen = (): Promise<string> =>
    asRoot(
      "systemctl show k3s-agent --property MainPID,ActiveState; sha256sum /usr/local/bin/k3s /etc/systemd/system/k3s-agent.service",
    );
  const before = await seen();
  await refused(
    /k3s v1\.24\.9\+k3s1 is here, was not installed by this program and is left alone; the config asks for v1\.25\.4/,
    /-> take it away with what installed it/,
    /-> or set cluster\.k3sVersion to v1\.24\.9\+k3s1 to take it over/,
  );
  assert.equal(await seen(), before);
  assert.equal(await asRoot("ls -d /etc/rancher /var/lib/homelab/k3s 2>/dev/null || true"), "");

  await foreign(await lab.kubectl("get", "node", "pi1", "-o", "jsonpath={.status.nodeInfo.kubeletVersion}"));
  const same = await seen();
  await refused(
    /is no node of the cluster that answers at 192\.0\.2\.1[123]/,
    /-> take it away with what installed it/,
  );
  assert.equal(await seen(), same);
  await asRoot(
    "systemctl disable --quiet --now k3s-agent; rm /usr/local/bin/k3s /etc/systemd/system/k3s-agent.service",
  );
});

test("a clock that is an hour ahead", async () => {
  // One kernel has one clock: on this host the command that tells it is put before the real one.
  const date = "#!/bin/sh\nexec /usr/bin/date --date='+1 hour' \"$@\"\n";
  await asRoot("cat >/usr/local/bin/date; chmod 755 /usr/local/bin/date", date);
  await refused(
    /the clock is 3[56]\d\d s off from that of 192\.0\.2\.1[123]: by this host's it is/,
    /-> set up time synchronisation/,
  );
  assert.equal(await asRoot("systemctl is-active k3s-agent || true"), "inactive");
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.match(doctor.output, /^error +pi4 .*the clock is 3[56]\d\d s off/m);
  await asRoot("rm /usr/local/bin/date");
});

test("half an install: power lost in the middle of it, and a k3s that is half a file", async () => {
  const first = lab.start(PULUMI_UP);
  const ended = collect(first);
  await until("the installation", 120, async () =>
    /k3s-install[^]*\n(active|activating)$/.test(
      await asRoot("cat /run/homelab.lock; systemctl is-active k3s-agent || true"),
    ),
  );
  await lab.expect(["power-off", AGENT]);
  killAll(first);
  await ended;
  await lab.expect(["power-on", AGENT]);
  // A disk without power may lose what was written last; the simulated ones do not.
  await asRoot("systemctl stop k3s-agent; truncate --size=1M /usr/local/bin/k3s");
  const started = Date.now();
  await lab.up();
  console.error(`half an installation finished by the next \`up\`: ${secondsSince(started)} s`);
  assert.deepEqual(await planned(lab), []);
});

test("the agent that joined has its addresses in the LAN, and runs pods, which find the service by its name", async () => {
  const addresses = '{.status.addresses[?(@.type=="InternalIP")].address}';
  assert.equal(
    await lab.kubectl("get", "node", AGENT, "-o", `jsonpath=${addresses}`),
    "192.0.2.14 fd00:c0:ffee::14",
    "not those of its second interface, whose routes the kernel prefers",
  );
  await until("its pod", 120, async () =>
    /^whoami-/m.test(
      await lab.kubectl("get", "pods", "--selector=app=whoami", `--field-selector=spec.nodeName=${AGENT}`),
    ),
  );
  await clusterDns([AGENT]);
});

test("a data disk that is the operating system's, at a node that goes on", async () => {
  const disk = "/dev/disk/by-id/ata-system";
  // A simulated host has no udev to name its disk, which is a loop device.
  await asRoot(`mkdir -p /dev/disk/by-id; device=$(mountpoint -d /); mknod ${disk} b "\${device%:*}" "\${device#*:}"`);
  setAgent("dataDisks", [disk]);
  const { status, output } = await lab.sandbox(PULUMI_UP);
  setAgent("dataDisks", undefined);
  assert.notEqual(status, 0);
  assert.match(output, /pi4: data-disks: \S+ata-system \(\S+\) is the disk of the operating system: it holds \//);
  assert.equal(await asRoot("systemctl is-active k3s-agent"), "active");
  await lab.up();
  assert.deepEqual(await planned(lab), []);
});
