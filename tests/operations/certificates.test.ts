import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { kubeconfigFindings } from "../../operations/certificate-findings";
import { StubbedHost } from "../support/stubbed-host";
import { DAY } from "./kubernetes";

test("the certificate in the kubeconfig is warned of two months before its end, with the way to renew it", () => {
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const rest = ["-subj", "/CN=system:admin", "-days", "365", "-keyout", "/dev/null"];
  const certificate = execFileSync("openssl", [...request, ...rest], { stdio: "pipe" }).toString("base64");
  const kubeconfig = `users:\n- name: home\n  user:\n    client-certificate-data: ${certificate}\n`;
  const after = (days: number) => kubeconfigFindings(kubeconfig, Date.now() / 1000 + days * DAY + 60);
  expect(after(304)).toEqual([]);
  expect(after(305)).toEqual([
    {
      severity: "warning",
      where: "cluster",
      what: "the certificate in the stack's kubeconfig ends in 59 days",
      why: expect.stringContaining("kubectl and `pulumi up` are refused") as string,
      remedy: expect.stringMatching(/`pulumi up --replace URN`.*Once a year/) as string,
    },
  ]);
  expect(after(352)).toMatchObject([{ severity: "error" }]);
  expect(after(366)).toMatchObject([{ severity: "error", what: expect.stringMatching(/has ended$/) as string }]);
  expect(kubeconfigFindings(undefined, 0)).toEqual([]);
});

test("a host tells of every certificate of k3s and keepalived when it ends", () => {
  const files = ["components/cluster/certificate-ends.sh", "operations/certificates.sh"];
  const script = files.map((file) => fs.readFileSync(path.join(__dirname, "../..", file), "utf8")).join("\n");
  const pi = new StubbedHost().stub("openssl", 'echo "notAfter=Jan  2 03:04:05 2030 GMT"');
  const tls = "/var/lib/rancher/k3s/server/tls";
  const kept = [`${tls}/client-admin.crt`, `${tls}/etcd/client.crt`, "/etc/keepalived/api-check.crt"];
  for (const file of kept) pi.write(file, "");
  const { stdout } = pi.run(script);
  const seconds = Date.UTC(2030, 0, 2, 3, 4, 5) / 1000;
  expect(stdout).toBe(kept.map((file) => `certificate_ends ${seconds} ${pi.root}${file}\n`).join(""));
  pi.remove();
});
